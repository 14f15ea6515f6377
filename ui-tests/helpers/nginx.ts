import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

import { freePort } from './port';

/** An nginx before a server, which drops WebSockets that are idle. */
export class Nginx {
  /**
   * Start one.
   *
   * @param target - The server.
   * @param idleLimitS - After how many idle seconds it drops a connection.
   */
  static async to(target: string, idleLimitS: number): Promise<Nginx> {
    const nginx = new Nginx(target, idleLimitS, await freePort());
    for (let tries = 0; tries < 100; tries++) {
      if (await fetch(nginx.url).catch(() => null)) {
        return nginx;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error('nginx does not start.');
  }

  /** Where the browser finds the server. */
  get url(): string {
    return `http://127.0.0.1:${this._port}`;
  }

  /** End it and remove what it left. */
  async stop(): Promise<void> {
    const ended = new Promise(resolve => this._process.once('exit', resolve));
    this._process.kill('SIGTERM');
    await ended;
    rmSync(this._folder, { recursive: true, force: true });
  }

  private constructor(
    target: string,
    idleLimitS: number,
    private readonly _port: number
  ) {
    const folder = (this._folder = mkdtempSync(join(tmpdir(), 'nginx-')));
    // Where root starts it what works is another user, and reaches its files through here.
    chmodSync(folder, 0o711);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      kind => `${kind}_temp_path ${folder}/${kind};`
    );
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
      events {}
      http {
        access_log off; ${temporary.join(' ')}
        server {
          listen 127.0.0.1:${_port};
          location / {
            proxy_pass ${target};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_read_timeout ${idleLimitS}s;
            proxy_send_timeout ${idleLimitS}s;
          }
        }
      }`
    );
    this._process = spawn('nginx', ['-c', file, '-p', folder], {
      stdio: 'ignore'
    });
  }

  private readonly _folder: string;
  private readonly _process: ChildProcess;
}
