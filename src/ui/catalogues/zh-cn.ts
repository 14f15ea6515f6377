/** Simplified Chinese; a plural takes its text twice, as gettext wants it. */
export const CATALOGUE = {
  '': {
    domain: 'jupyter_ai_ws',
    language: 'zh',
    pluralForms: 'nplurals=1; plural=0;'
  },
  '#%1': ['第 %1 次'],
  '%1 %2 damaged.': ['%1 损坏 %2 条。'],
  '%1 It is tried again by itself.': ['%1正在自动重试。'],
  '%1 That is a default of: %2.': ['%1这是以下软件的默认值：%2。'],
  '%1 The AI connection has not come back so far.': ['%1AI 连接尚未恢复。'],
  '%1 and %2 more': ['%1 及另外 %2 个'],
  '%1 connection': ['%1 个连接', '%1 个连接'],
  '%1 h': ['%1 小时'],
  '%1 min': ['%1 分钟'],
  '%1 ms': ['%1 毫秒'],
  '%1 of %2 records to the page, %3 to the server, %4 of %5 cuts.': [
    '到页面 %1/%2 条记录，到服务器 %3 条，切断 %4/%5 次。'
  ],
  '%1 records each way, %2 cuts: %3 lost, %4 doubled, %5 out of order.': [
    '每个方向 %1 条记录，切断 %2 次：丢失 %3 条，重复 %4 条，乱序 %5 条。'
  ],
  '%1 s': ['%1 秒'],
  '%1, %2': ['%1，%2'],
  '%1/%2': ['%1/%2'],
  'A line that gives no answer for this long counts as dead and is replaced; raise it where answers are slow (1000 to 30000).':
    [
      '线路在此时间内没有响应即视为断开并被替换；响应较慢时请调高（1000 至 30000）。'
    ],
  "A lost server is told by the status bar, then a notification, and a dialog only after half a minute, instead of JupyterLab's own dialog; a hub's dialog stays.":
    [
      '服务器断开时先由状态栏提示，然后是通知，半分钟后才显示对话框，而不是 JupyterLab 自带的对话框；Hub 的对话框不受影响。'
    ],
  'A message to %2 was not sent. If no answer comes, send it again.': [
    '发往 %2 的消息未能发出。如果没有收到回答，请重新发送。',
    '发往 %2 的消息未能发出。如果没有收到回答，请重新发送。'
  ],
  'A refresh would throw away what is under way in: %1.': [
    '刷新会丢弃以下扩展中进行中的内容：%1。'
  ],
  'AI Connection': ['AI 连接'],
  'AI Connection Self-Test': ['AI 连接自检'],
  'AI Connection: Copy Report': ['AI 连接：复制报告'],
  'AI Connection: Reconnect': ['AI 连接：重新连接'],
  'AI Connection: Run Self-Test': ['AI 连接：运行自检'],
  'AI Connection: Show Status': ['AI 连接：显示状态'],
  'AI assistants can reach the server.': ['AI 助手可以访问服务器。'],
  'AI connection': ['AI 连接'],
  'AI connection lost': ['AI 连接已断开'],
  'AI connection: blocked': ['AI 连接：被阻止'],
  'AI connection: connected': ['AI 连接：已连接'],
  'AI connection: connecting': ['AI 连接：正在连接'],
  'AI connection: login expired': ['AI 连接：登录已过期'],
  'AI connection: lost': ['AI 连接：已断开'],
  'AI connection: not answering': ['AI 连接：没有响应'],
  'AI connection: not available': ['AI 连接：不可用'],
  'AI connection: offline': ['AI 连接：离线'],
  'AI connection: reconnecting': ['AI 连接：正在重新连接'],
  'AI connection: server stopped': ['AI 连接：服务器已停止'],
  'AI connection: sleeping': ['AI 连接：休眠中'],
  'AI connection: switched off': ['AI 连接：已停用'],
  'AI connection: too many pages': ['AI 连接：页面过多'],
  'AI connection: update needed': ['AI 连接：需要更新'],
  'After the first attempt failed the next one waits up to this long, and the delay doubles from attempt to attempt (100 to 60000).':
    [
      '首次尝试失败后，下一次最多等待此时间，之后每次延迟加倍（100 至 60000）。'
    ],
  'After this many failed attempts, and not before 30 seconds, you are asked what to do; 0 means never by their number (0 to 100).':
    [
      '失败达到此次数且至少过去 30 秒后，会询问您如何处理；0 表示不按次数询问（0 至 100）。'
    ],
  'All extensions': ['所有扩展'],
  'Ask whoever runs the proxy to pass on the header "Upgrade".': [
    '请联系代理管理员转发请求头“Upgrade”。'
  ],
  'Ask whoever runs the server to enable the extension jupyter_ai_ws.': [
    '请联系服务器管理员启用扩展 jupyter_ai_ws。'
  ],
  'Ask whoever runs the server to update jupyter_ai_ws and restart it.': [
    '请联系服务器管理员更新 jupyter_ai_ws 并重新启动服务器。'
  ],
  'Ask again what was not answered when the connection is back.': [
    '连接恢复后，请重新提出未得到回答的问题。'
  ],
  'Asking: attempts before': ['询问前的尝试次数'],
  'Asking: keep trying meanwhile': ['询问：同时继续尝试'],
  'Asking: replace "Server Connection Error"': [
    '询问：替换“Server Connection Error”'
  ],
  'Attempts go on behind the question, so that it closes by itself when the connection is back.':
    ['询问期间继续尝试，连接恢复后询问会自动关闭。'],
  'Broken off. The AI connection was lost.': ['已中断。AI 连接已断开。'],
  'Broken off. The server ended the test.': ['已中断。服务器结束了自检。'],
  "Broken off. The server no longer holds this page's session.": [
    '已中断。服务器不再保留此页面的会话。'
  ],
  'Broken off. The test took too long.': ['已中断。自检用时过长。'],
  Cancel: ['取消'],
  'Cancelled.': ['已取消。'],
  'Check that the Jupyter server is running.': [
    '请检查 Jupyter 服务器是否在运行。'
  ],
  'Check your network connection and that the Jupyter server is running.': [
    '请检查网络连接以及 Jupyter 服务器是否在运行。'
  ],
  'Check your network connection.': ['请检查网络连接。'],
  Close: ['关闭'],
  'Close pages of this server that you no longer need.': [
    '请关闭不再需要的该服务器页面。'
  ],
  'Copy Report': ['复制报告'],
  'Copy report': ['复制报告'],
  'Counts when the page is refreshed.': ['刷新页面后生效。'],
  Details: ['详细信息'],
  'Failed. Not every record arrived once and in order.': [
    '未通过。并非每条记录都恰好到达一次且顺序正确。'
  ],
  Forget: ['清除'],
  'Fresh starts': ['重新开始次数'],
  'Guard off': ['停用保护'],
  'Guard on': ['启用保护'],
  'Guarded extensions': ['受保护的扩展'],
  Heartbeat: ['心跳间隔'],
  'Heartbeat: adapt to idle proxies': ['心跳：适应空闲超时的代理'],
  'Heartbeat: hidden page (ms)': ['心跳：隐藏页面（毫秒）'],
  'Heartbeat: visible page (ms)': ['心跳：可见页面（毫秒）'],
  'Heartbeat: wait for an answer (ms)': ['心跳：等待响应（毫秒）'],
  'How this page keeps its AI connection alive and gets it back. Changes take effect at once.':
    ['此页面如何保持并恢复 AI 连接。更改立即生效。'],
  'In use by': ['使用者'],
  'Interruptions survived': ['已恢复的中断次数'],
  'It is not tried again by itself.': ['不会自动重试。'],
  'Keep waiting': ['继续等待'],
  'Log in': ['登录'],
  'Log in again; this page goes on by itself.': [
    '请重新登录；此页面会自动继续。'
  ],
  'Longest interruption': ['最长中断'],
  'Lowers the heartbeat on a host where something on the way cuts silent connections; switching it off forgets what was learned.':
    [
      '当途中有设备切断静默的连接时，缩短该主机的心跳间隔；关闭此项会清除已学到的内容。'
    ],
  'Next attempt in %1 second.': ['%1 秒后再次尝试。', '%1 秒后再次尝试。'],
  'No AI connection': ['没有 AI 连接'],
  'Not changed: the storage of this browser is full or blocked.': [
    '未更改：此浏览器的存储空间已满或被禁用。'
  ],
  'Not refreshed, as the Jupyter server does not answer: this page would be lost.':
    ['未刷新，因为 Jupyter 服务器没有响应：此页面将会丢失。'],
  'Not refreshed, as these could not be saved: %1.': [
    '未刷新，因为以下文档无法保存：%1。'
  ],
  'Not run. The server refused the test: %1': ['未运行。服务器拒绝了自检：%1'],
  'Not run. There is no AI connection at the moment.': [
    '未运行。目前没有 AI 连接。'
  ],
  'Numbered records stream from the server to this page and back while the connection is cut again and again.':
    ['带编号的记录在服务器与此页面之间来回传输，同时连接被反复切断。'],
  'Passed. Every record arrived once and in order.': [
    '通过。每条记录都恰好到达一次且顺序正确。'
  ],
  'Progress of the self-test': ['自检进度'],
  'Put what is known of the AI connection on the clipboard, for an issue.': [
    '将 AI 连接的已知信息复制到剪贴板，用于提交问题。'
  ],
  Reconnect: ['重新连接'],
  'Reconnect now': ['立即重新连接'],
  'Reconnecting: first delay (ms)': ['重新连接：首次延迟（毫秒）'],
  'Reconnecting: longest delay (ms)': ['重新连接：最长延迟（毫秒）'],
  'Records lost': ['丢失的记录'],
  'Refresh all the same': ['仍然刷新'],
  'Refresh page': ['刷新页面'],
  'Refresh the page if it does not start by itself.': [
    '如果没有自动重新开始，请刷新页面。'
  ],
  'Refresh the page to finish the update.': ['请刷新页面以完成更新。'],
  'Round trip': ['往返时间'],
  'Round trip in the last 5 minutes: %1 to %2': [
    '最近 5 分钟的往返时间：%1 至 %2'
  ],
  'Run Self-Test': ['运行自检'],
  'Self-test': ['自检'],
  'Sent, not confirmed yet': ['已发送，尚未确认'],
  Settings: ['设置'],
  'Show Status': ['显示状态'],
  'Show what is known of the AI connection.': ['显示 AI 连接的已知信息。'],
  'Some settings of the AI connection are not valid and were corrected or left out: %1.':
    ['AI 连接的部分设置无效，已更正或忽略：%1。'],
  'Something on the way seems to close this connection after %1 s of silence. The heartbeat is %2 s.':
    ['途中的某个设备似乎会在静默 %1 秒后关闭此连接。心跳间隔为 %2 秒。'],
  'Start the server again where you started it before.': [
    '请在原来启动服务器的地方重新启动它。'
  ],
  'Stream numbered records through the AI connection, cut it on the way, and count what is lost.':
    ['通过 AI 连接传输带编号的记录，途中切断连接，并统计丢失数量。'],
  'The AI connection failed and starts afresh.': [
    'AI 连接出错，正在重新开始。'
  ],
  'The AI connection is being made.': ['正在建立 AI 连接。'],
  'The AI connection rests while this page is hidden. It wakes when you come back.':
    ['此页面隐藏时 AI 连接会休眠。您回来时它会恢复。'],
  'The AI connection started afresh. What was under way has ended: %1. This page is kept.':
    ['AI 连接已重新开始。进行中的内容已结束：%1。此页面保持不变。'],
  'The AI connection was interrupted.': ['AI 连接已中断。'],
  'The Jupyter server can be reached, but something on the way blocks the AI connection.':
    ['可以访问 Jupyter 服务器，但途中有设备阻止了 AI 连接。'],
  'The Jupyter server cannot answer at the moment.': [
    'Jupyter 服务器目前无法响应。'
  ],
  'The Jupyter server cannot be reached.': ['无法访问 Jupyter 服务器。'],
  'The Jupyter server is restarting.': ['Jupyter 服务器正在重新启动。'],
  "The Jupyter server no longer holds this page's session. Answers under way were lost.":
    ['Jupyter 服务器不再保留此页面的会话。进行中的回答已丢失。'],
  'The Jupyter server no longer offers the AI connection.': [
    'Jupyter 服务器不再提供 AI 连接。'
  ],
  'The Jupyter server takes long to answer.': ['Jupyter 服务器响应缓慢。'],
  'The Jupyter server was restarted. What was under way has ended: %1. This page is kept.':
    ['Jupyter 服务器已重新启动。进行中的内容已结束：%1。此页面保持不变。'],
  'The Jupyter server was stopped.': ['Jupyter 服务器已停止。'],
  'The delay stops doubling here for the first two minutes; never below the first delay (1000 to 300000).':
    ['前两分钟内延迟加倍到此为止；不会小于首次延迟（1000 至 300000）。'],
  'The report is on the clipboard.': ['报告已复制到剪贴板。'],
  'The same for a hidden page, never shorter than for a visible one (5000 to 120000).':
    ['隐藏页面的相应时间，不会短于可见页面（5000 至 120000）。'],
  'The self-test cannot be loaded from the Jupyter server now.': [
    '目前无法从 Jupyter 服务器加载自检。'
  ],
  'The settings of the AI connection cannot be read. The defaults are used.': [
    '无法读取 AI 连接的设置。将使用默认值。'
  ],
  'These documents have changes that cannot be saved now: %1.': [
    '以下文档有目前无法保存的更改：%1。'
  ],
  'This Jupyter server does not offer the AI connection. Everything else works as usual.':
    ['此 Jupyter 服务器不提供 AI 连接。其他功能照常工作。'],
  'This computer is offline. The AI connection comes back with the network.': [
    '此计算机处于离线状态。网络恢复后 AI 连接也会恢复。'
  ],
  'This page and the Jupyter server have different versions of the AI connection.':
    ['此页面与 Jupyter 服务器的 AI 连接版本不同。'],
  'Too many pages hold an AI connection to this Jupyter server.': [
    '与此 Jupyter 服务器保持 AI 连接的页面过多。'
  ],
  'Try to get the AI connection back now.': ['立即尝试恢复 AI 连接。'],
  'Trying to reconnect now…': ['正在尝试重新连接…'],
  'Up since': ['连接开始于'],
  'Wait until the server answers again.': ['请等待服务器恢复响应。'],
  'Wait until the server has finished what it is doing.': [
    '请等待服务器完成当前工作。'
  ],
  'Wait until the server has finished what it is doing, or check your network connection.':
    ['请等待服务器完成当前工作，或检查网络连接。'],
  'Wait until the server runs again.': ['请等待服务器恢复运行。'],
  'Waiting for the AI connection…': ['正在等待 AI 连接…'],
  'What you typed is safe on this page.': [
    '您输入的内容安全地保留在此页面上。'
  ],
  'What you typed is safe on this page. AI extensions go on without this connection.':
    ['您输入的内容安全地保留在此页面上。AI 扩展不经此连接继续工作。'],
  'What you typed is safe on this page. Answers under way have ended with the server.':
    ['您输入的内容安全地保留在此页面上。进行中的回答已随服务器结束。'],
  'What you typed is safe on this page. AI extensions go on without this connection, but answers under way may have ended.':
    [
      '您输入的内容安全地保留在此页面上。AI 扩展不经此连接继续工作，但进行中的回答可能已经中断。'
    ],
  'What you typed is safe on this page. Answers under way go on where they stopped, unless the server was restarted or you refresh the page.':
    [
      '您输入的内容安全地保留在此页面上。进行中的回答会从中断处继续，除非服务器已重新启动或您刷新页面。'
    ],
  'When nothing has proved for this long that what a visible page sends arrives, it asks the server for a sign of life, also while data comes in; shorter finds a dead line sooner, longer sends less (1000 to 60000).':
    [
      '若在此时间内没有任何响应证明可见页面发送的内容已到达，页面会向服务器询问是否在线，接收数据时也不例外；较短可更快发现断线，较长则发送更少（1000 至 60000）。'
    ],
  'Whether a message to %2 has arrived is not known. Look before you send it again.':
    [
      '无法确定发往 %2 的消息是否已送达。重新发送前请先查看。',
      '无法确定发往 %2 的消息是否已送达。重新发送前请先查看。'
    ],
  'Your login has expired.': ['您的登录已过期。'],
  'attempt %1': ['第 %1 次尝试'],
  'attempt %1 of %2': ['第 %1 次尝试，共 %2 次'],
  'not guarded': ['未受保护'],
  'under 1 ms': ['不到 1 毫秒']
};
