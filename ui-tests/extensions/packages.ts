import type { Page } from '@playwright/test';

/** What a server has installed, and how it is started. */
export interface IServed {
  /** Its name for people, as the server half calls it. */
  readonly name: string;
  /** What pip installs: the name of a file in `requirements`. */
  readonly requirements: string;
  /** More for the command line of the server. */
  readonly args?: readonly string[];
  /** Files below the home folder that point it at a model. */
  readonly files?: (modelUrl: string) => Record<string, string>;
}

/** An AI extension from PyPI, and how a user works with it. */
export interface IPackage extends IServed {
  /** Open its panel. */
  readonly open: (page: Page) => Promise<void>;
  /** Write a prompt and send it. */
  readonly ask: (page: Page, prompt: string) => Promise<void>;
  /** All that the panel shows. */
  readonly text: (page: Page) => Promise<string>;
  /** Whether it says that an answer is being made. */
  readonly busy: (page: Page) => Promise<boolean>;
}

/** How Notebook Intelligence is told of a model that speaks OpenAI's protocol. */
export function modelProperties(modelUrl: string): object {
  return [
    { id: 'api_key', value: 'none' },
    { id: 'model_id', value: 'gpt-4o' },
    { id: 'base_url', value: modelUrl },
    { id: 'context_window', value: '128000' }
  ];
}

export const notebookIntelligence: IPackage = {
  name: 'Notebook Intelligence',
  requirements: 'notebook-intelligence',
  args: ['--NotebookIntelligence.tour_disabled=True'],
  files: modelUrl => ({
    '.jupyter/nbi/config.json': JSON.stringify({
      chat_model: {
        provider: 'openai-compatible',
        model: 'openai-compatible-chat-model',
        properties: modelProperties(modelUrl)
      },
      // Else it asks for a login.
      inline_completion_model: { provider: 'none', model: 'none' }
    })
  }),
  open: page =>
    page.locator('.lm-TabBar-tab[data-id="notebook-intelligence-tab"]').click(),
  ask: async (page, prompt) => {
    await page.locator('#notebook-intelligence-tab textarea').fill(prompt);
    await page.keyboard.press('Enter');
  },
  text: page => page.locator('.sidebar-messages').innerText(),
  busy: async page =>
    (await page.locator('.sidebar-user-input.generating').count()) > 0
};

/** Hands each message to the model and streams its answer into the chat. */
const PERSONA = `
import asyncio, json, os
from pathlib import Path

from jupyter_ai_persona_manager import BasePersona, PersonaDefaults
from tornado.httpclient import AsyncHTTPClient


class CountingPersona(BasePersona):
    @property
    def defaults(self):
        return PersonaDefaults(
            name="Counter",
            description="Asks the model",
            avatar_path=str(Path(__file__).with_name("avatar.svg")),
            system_prompt="",
        )

    async def process_message(self, message):
        # Nobody else holds the task.
        self._task = asyncio.current_task()
        messages = []
        for each in self.chat.get_messages():
            messages.append({"role": "user", "content": each.body})
            if each.id == message.id:
                # What another tab has asked since is not asked here.
                break
        pieces = asyncio.Queue()
        rest = ""

        def took(data):
            nonlocal rest
            *lines, rest = (rest + data.decode()).split("\\n")
            for line in lines:
                if line.startswith("data: {"):
                    pieces.put_nowait(json.loads(line[6:])["choices"][0]["delta"].get("content"))

        request = asyncio.ensure_future(
            AsyncHTTPClient().fetch(
                os.environ["OPENAI_BASE_URL"] + "/chat/completions",
                method="POST",
                body=json.dumps({"messages": messages, "stream": True}),
                streaming_callback=took,
                request_timeout=300,
            )
        )
        request.add_done_callback(lambda _: pieces.put_nowait(None))
        await self.stream_message(self._read(pieces, request))

    async def _read(self, pieces, request):
        while not (request.done() and pieces.empty()):
            piece = await pieces.get()
            if piece:
                yield piece
`;

export const jupyterChat: IPackage = {
  name: 'Jupyter Chat',
  requirements: 'jupyter-chat',
  args: [
    '--PersonaManager.default_persona_id=jupyter-ai-personas::counting_persona::CountingPersona',
    '--MCPExtensionApp.mcp_port=0'
  ],
  files: () => ({
    'work/.jupyter/personas/counting_persona.py': PERSONA,
    'work/.jupyter/personas/avatar.svg':
      '<svg xmlns="http://www.w3.org/2000/svg"/>'
  }),
  open: async page => {
    await page.evaluate(async () => {
      const { commands } = window.jupyterapp;
      // What it returns cannot be handed out of every page.
      await commands.execute('jupyterlab-chat:createAndOpen', { name: 'test' });
    });
  },
  ask: async (page, prompt) => {
    const box = page.locator('.jp-chat-input-container textarea').first();
    await box.fill(prompt);
    await box.press('Enter');
  },
  text: page => page.locator('.jp-chat-messages-container').innerText(),
  busy: async page =>
    (await page.locator('.jp-chat-writers-container').count()) > 0
};

/** The same chat with as little of Jupyter AI as personas need. */
export const jupyterlabChat: IPackage = {
  ...jupyterChat,
  requirements: 'jupyterlab-chat'
};

export const jupyterAi2: IPackage = {
  name: 'Jupyter AI 2',
  requirements: 'jupyter-ai-2',
  args: [
    '--AiExtension.default_language_model=openai-chat:gpt-4o',
    '--AiExtension.default_api_keys=OPENAI_API_KEY=none'
  ],
  open: async page => {
    await page.locator('.lm-TabBar-tab[data-id="jupyter-ai::chat"]').click();
  },
  ask: async (page, prompt) => {
    const box = page.locator('[id="jupyter-ai::chat"] textarea').first();
    await box.fill(prompt);
    await box.press('Enter');
  },
  text: page => page.locator('[id="jupyter-ai::chat"]').innerText(),
  busy: async page => (await page.getByText('is thinking').count()) > 0
};

export const mitoAi: IPackage = {
  name: 'Mito AI',
  requirements: 'mito-ai',
  files: () => ({
    '.mito/user.json': JSON.stringify({
      user_json_version: 1,
      static_user_id: 'test',
      user_salt: 'test',
      user_email: 'test@example.com',
      feedbacks: [],
      feedbacks_v2: [],
      mitosheet_current_version: '',
      mitosheet_last_upgraded_date: '2026-01-01',
      mitosheet_telemetry: false,
      experiment: null
    })
  }),
  open: async page => {
    await page.evaluate(async () => {
      const { commands } = window.jupyterapp;
      await commands.execute('notebook:create-new', { kernelName: 'python3' });
    });
    // The others are models of its makers' own server, and answers that are not streamed.
    await page.getByRole('button', { name: 'Chat', exact: true }).click();
    await page.locator('.model-selector-dropdown').click();
    const model = page.locator('.model-option-name');
    await model.getByText('GPT 4.1', { exact: true }).click();
  },
  ask: async (page, prompt) => {
    const box = page.locator('.chat-input').first();
    await box.fill(prompt);
    await box.press('Enter');
  },
  text: page => page.locator('.chat-taskpane').innerText(),
  busy: async page => (await page.getByText('Thinking').count()) > 0
};

export const PACKAGES: readonly IPackage[] = [
  notebookIntelligence,
  jupyterChat,
  jupyterAi2,
  mitoAi
];
