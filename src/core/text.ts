const encoder = new TextEncoder();

/**
 * Measure a text in UTF-8 (C1).
 *
 * @returns its bytes; a lone surrogate counts as the U+FFFD that replaces it.
 */
export function utf8Length(text: string): number {
  // Most texts are ASCII, which the pattern tells without a copy.
  return /[\u0080-\uffff]/.test(text)
    ? encoder.encode(text).length
    : text.length;
}

/** Replace each lone surrogate by U+FFFD, as UTF-8 cannot carry it (C3). */
export function wellFormed(text: string): string {
  // Most texts hold none, which the simple pattern tells much faster. With the
  // flag `u`, a pair is one code point and no surrogate.
  return /[\ud800-\udfff]/.test(text)
    ? text.replace(/\p{Surrogate}/gu, '\ufffd')
    : text;
}

/**
 * Find where to cut a text, never inside a code point.
 *
 * @returns the end of the longest piece from `start` of at most that many bytes.
 */
export function fittingEnd(
  text: string,
  start: number,
  limitBytes: number
): number {
  // A pair that this slice cuts in two lies beyond the limit.
  const piece = text.slice(start, start + limitBytes);
  return start + encoder.encodeInto(piece, new Uint8Array(limitBytes)).read;
}

/**
 * Cut a text at its end, never inside a code point.
 *
 * @returns the longest beginning of at most that many bytes, well-formed.
 */
export function fitText(text: string, limitBytes: number): string {
  const fitting = wellFormed(text);
  return fitting.slice(0, fittingEnd(fitting, 0, limitBytes));
}
