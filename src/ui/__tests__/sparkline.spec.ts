import { plot } from '../sparkline';

const NOW = 1_000_000;

describe('plot()', () => {
  it('draws nothing where nothing was measured', () => {
    expect(plot([], NOW)).toBeNull();
    expect(plot([{ time: NOW, ms: null }], NOW)).toBeNull();
  });

  it('runs from five minutes ago to now, and from nothing to the longest', () => {
    const drawn = plot(
      [
        { time: NOW - 300_000, ms: 0 },
        { time: NOW - 150_000, ms: 20 },
        { time: NOW, ms: 40 }
      ],
      NOW
    );
    expect(drawn).toEqual({
      lines: ['0,38 150,20 300,2'],
      cuts: [],
      shortestMs: 0,
      longestMs: 40
    });
  });

  it('leaves a gap where it was cut', () => {
    const drawn = plot(
      [
        { time: NOW - 200_000, ms: 40 },
        { time: NOW - 150_000, ms: 40 },
        { time: NOW - 100_000, ms: null },
        { time: NOW - 50_000, ms: 40 }
      ],
      NOW
    )!;
    expect(drawn.lines).toEqual(['100,2 150,2', '250,2 250,2']);
    expect(drawn.cuts).toEqual([200]);
  });

  it('does not blow up what is short', () => {
    expect(plot([{ time: NOW, ms: 1 }], NOW)!.lines).toEqual([
      '300,34.4 300,34.4'
    ]);
  });
});
