/**
 * Measure a text in UTF-8 (C1).
 *
 * @returns its bytes; a lone surrogate counts as the U+FFFD that replaces it.
 */
export function utf8Length(text: string): number {
  let length = text.length;
  if (/[\u0080-\uffff]/.test(text)) {
    for (let i = 0; i < text.length; i++) {
      const code = text.codePointAt(i) as number;
      length += code > 0x7ff ? 2 : code > 0x7f ? 1 : 0;
      // The second half of a pair is within the four bytes counted.
      i += code > 0xffff ? 1 : 0;
    }
  }
  return length;
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
  let end = start;
  while (end < text.length) {
    const code = text.codePointAt(end) as number;
    limitBytes -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (limitBytes < 0) {
      break;
    }
    end += code > 0xffff ? 2 : 1;
  }
  return end;
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
