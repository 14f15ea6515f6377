import { Dialog } from '@jupyterlab/apputils';
import { waitForDialog } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';

import { rendered } from '../../ui/__tests__/rendered';
import { showSelfTest } from '../dialog';
import { FakeService } from './fake-service';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('showSelfTest()', () => {
  let service: FakeService;

  const dialog = () => document.querySelector('.jp-Dialog')!;
  const button = () => dialog().querySelector('button')!;
  const bar = () => dialog().querySelector('progress')!;

  beforeEach(() => {
    service = new FakeService();
  });

  afterEach(() => Dialog.flush());

  it('shows progress, then the result', async () => {
    const shown = showSelfTest(service, trans, { records: 100 });
    await waitForDialog();
    await rendered();
    expect(button().textContent).toBe('Cancel');
    expect(bar().value).toBe(0);
    expect(bar().getAttribute('aria-label')).toBe('Progress of the self-test');
    await service.serve(100, () => button().textContent === 'Close');
    await rendered();
    expect(bar().value).toBe(100);
    expect(dialog().querySelector('[role="status"]')!.textContent).toBe(
      'Passed. Every record arrived once and in order.100 records each way, 10 cuts: 0 lost, 0 doubled, 0 out of order.'
    );
    button().click();
    expect((await shown).outcome).toBe('complete');
  });

  it('says that it waits for the connection', async () => {
    const shown = showSelfTest(service, trans);
    service.open = () => service.channel;
    service.go({ state: 'reconnecting', cause: 'network' });
    await waitForDialog();
    await rendered();
    expect(dialog().querySelector('[role="status"]')!.textContent).toBe(
      'Waiting for the AI connection…'
    );
    button().click();
    await shown;
  });

  it('cancels the test when it is closed', async () => {
    const shown = showSelfTest(service, trans);
    await waitForDialog();
    await rendered();
    button().click();
    expect((await shown).outcome).toBe('cancelled');
    expect(service.channel.abort).toHaveBeenCalledTimes(1);
  });

  it('is called by its name for people where the connection tells who uses it', async () => {
    const open = jest.spyOn(service, 'open');
    const shown = showSelfTest(service, trans);
    await waitForDialog();
    await rendered();
    expect(open).toHaveBeenCalledWith(
      'self-test',
      expect.anything(),
      'Self-test'
    );
    button().click();
    await shown;
  });

  it('does not begin before it is seen', async () => {
    const open = jest.spyOn(service, 'open');
    const other = new Dialog({ title: trans.__('Other') });
    const closed = other.launch();
    await waitForDialog();
    const shown = showSelfTest(service, trans);
    await rendered();
    expect(open).not.toHaveBeenCalled();
    other.reject();
    await closed;
    await rendered();
    expect(open).toHaveBeenCalledTimes(1);
    button().click();
    await shown;
  });

  it('says so when the server refuses', async () => {
    const shown = showSelfTest(service, trans);
    await waitForDialog();
    await rendered();
    service.channel.end.resolve({
      kind: 'refused',
      code: 4404,
      reason: 'no service of that name',
      acknowledged: 0,
      perhapsDelivered: 0,
      neverWritten: 0
    });
    await rendered();
    expect(dialog().textContent).toContain('no service of that name');
    expect(dialog().textContent).not.toContain('each way');
    button().click();
    await shown;
  });
});
