import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';
import React from 'react';

import type { IRoundTrip } from '../tokens';
import { milliseconds } from './facts';

/** What is shown, in milliseconds. */
const SPAN_MS = 300_000;

/** The drawing, in its own units. */
const WIDTH = 300;
const HEIGHT = 40;

/** A round trip so short fills no more than the height. */
const LEAST_SCALE_MS = 10;

/** What is drawn of the round trips. */
export interface IPlot {
  /** One line for each time between two cuts, as points of SVG. */
  readonly lines: ReadonlyArray<string>;
  /** Where it was cut. */
  readonly cuts: ReadonlyArray<number>;
  readonly shortestMs: number;
  readonly longestMs: number;
}

/**
 * Draw the round trips of the last five minutes.
 *
 * @param roundTrips - Oldest first, with a gap for each cut.
 * @param now - By `Date.now()`.
 * @returns The drawing; null: there is nothing to draw.
 */
export function plot(
  roundTrips: ReadonlyArray<IRoundTrip>,
  now: number
): IPlot | null {
  const times = roundTrips.flatMap(({ ms }) => (ms === null ? [] : [ms]));
  if (!times.length) {
    return null;
  }
  const longestMs = Math.max(...times);
  const scaleMs = Math.max(longestMs, LEAST_SCALE_MS);
  const x = (time: number) => round(WIDTH * (1 - (now - time) / SPAN_MS));
  const y = (ms: number) => round(HEIGHT - 2 - (HEIGHT - 4) * (ms / scaleMs));
  const lines: string[] = [];
  const cuts: number[] = [];
  let points: string[] = [];
  const finish = () => {
    // A point alone is drawn as a line of no length, with a round end.
    if (points.length === 1) {
      points.push(points[0]);
    }
    if (points.length) {
      lines.push(points.join(' '));
    }
    points = [];
  };
  for (const { time, ms } of roundTrips) {
    if (ms === null) {
      finish();
      cuts.push(x(time));
    } else {
      points.push(`${x(time)},${y(ms)}`);
    }
  }
  finish();
  return { lines, cuts, shortestMs: Math.min(...times), longestMs };
}

/** The round trips of the last five minutes as a small picture with a text. */
export function Sparkline({
  roundTrips,
  now,
  trans
}: {
  readonly roundTrips: ReadonlyArray<IRoundTrip>;
  /** By `Date.now()`. */
  readonly now: number;
  readonly trans: TranslationBundle;
}): ReactElement | null {
  const drawn = plot(roundTrips, now);
  if (!drawn) {
    return null;
  }
  const text = trans.__(
    'Round trip in the last 5 minutes: %1 to %2',
    milliseconds(drawn.shortestMs, trans),
    milliseconds(drawn.longestMs, trans)
  );
  return (
    <figure className="jp-AiConnectionDetails-sparkline">
      <svg
        role="img"
        aria-label={text}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
      >
        {drawn.cuts.map((x, index) => (
          <line key={`cut ${index}`} x1={x} x2={x} y1={0} y2={HEIGHT} />
        ))}
        {drawn.lines.map((points, index) => (
          <polyline key={`line ${index}`} points={points} />
        ))}
      </svg>
      <figcaption aria-hidden="true">{text}</figcaption>
    </figure>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
