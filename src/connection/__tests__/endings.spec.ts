import type { IFinal } from '../../core/channel';
import { classifyClose } from '../../core/retry';
import { endOf } from '../endings';

const FINAL: IFinal = {
  kind: 'discontinuity',
  code: 1006,
  reason: 'restarted',
  acknowledged: 1,
  perhapsDelivered: 2,
  neverWritten: 3
};

describe('endOf', () => {
  it('should say in words why a session ended, and keep the counts', () => {
    expect(endOf(FINAL)).toEqual({
      ...FINAL,
      reason: 'the server was restarted'
    });
  });

  it.each([1002, 4400, 4404, 4409, 4410])(
    'should have words for a session that ends by %i',
    code => {
      const { session, cause } = classifyClose(code);
      expect(session).toBe('ended');
      expect(endOf({ ...FINAL, reason: cause }).reason).toMatch(/^the /);
    }
  );

  it('should leave what an owner or a service has said', () => {
    const closed: IFinal = { ...FINAL, kind: 'closed', reason: 'restarted' };
    expect(endOf(closed)).toBe(closed);
  });
});
