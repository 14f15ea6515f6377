import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { connect } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';

import { freePort } from './jupyter-server';

/** A real nginx in front of a server, with an idle time-out of 5 s. */
export class Nginx {
  /** Start one and wait until it listens. */
  static async start(target: number): Promise<Nginx> {
    const nginx = new Nginx(await freePort(), target);
    await nginx._listening();
    return nginx;
  }

  /** End it and wait until it is gone. */
  async stop(): Promise<void> {
    this._process.kill();
    await this._gone;
    rmSync(this._folder, { recursive: true, force: true });
  }

  private constructor(
    readonly port: number,
    target: number
  ) {
    const path = join(this._folder, 'nginx.conf');
    writeFileSync(path, configuration(this._folder, port, target));
    this._process = spawn(
      'nginx',
      ['-p', this._folder, '-c', path, '-e', join(this._folder, 'error.log')],
      {
        stdio: 'ignore',
        // Debian keeps it where an ordinary user's PATH does not look.
        env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
      }
    );
    this._gone = new Promise((resolve, reject) => {
      this._process.once('exit', resolve);
      this._process.once('error', reject);
    });
  }

  private async _listening(): Promise<void> {
    let ended: unknown = null;
    this._gone.then(
      () => (ended = new Error('nginx ended')),
      error => (ended = error)
    );
    while (!(await this._accepts())) {
      if (ended) {
        throw ended;
      }
    }
  }

  private _accepts(): Promise<boolean> {
    return new Promise(resolve => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('error', () => setTimeout(resolve, 20, false));
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
    });
  }

  private readonly _folder = mkdtempSync(join(tmpdir(), 'jupyter-ai-ws-'));
  private readonly _process: ChildProcess;
  private readonly _gone: Promise<unknown>;
}

function configuration(folder: string, port: number, target: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(kind => `${kind}_temp_path ${folder}/${kind};`)
    .join(' ');
  return `
daemon off; master_process off; pid ${folder}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off; ${temporary}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${target};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 5s;
      proxy_send_timeout 5s;
      proxy_buffering off;
    }
  }
}
`;
}
