const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const TOTAL_KEY = Buffer.from('"total_entries"');
/** Where Airflow 2 puts the total: its bodies have sorted keys, so it is the last or, for `variables`, nearly so. */
const TAIL_BYTES = 96;

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** First and last byte that are no white space, without looking at what is between. */
const edges = (bytes: Buffer): [number | undefined, number | undefined] => {
  let start = 0;
  let end = bytes.length - 1;
  while (start <= end && isSpace(bytes[start])) start += 1;
  while (end > start && isSpace(bytes[end])) end -= 1;
  return [bytes[start], bytes[end]];
};

/**
 * Whether a body is plainly one JSON object. HTTP has said already that it is complete and JSON; a body cut by a dying
 * worker under chunked encoding, or an HTML page under the wrong type, does not both open and close with a brace.
 */
export const isWholeObject = (bytes: Buffer): boolean => {
  const [first, last] = edges(bytes);
  return bytes.length > 1 && first === OPEN_BRACE && last === CLOSE_BRACE;
};

/**
 * Whether a list's page can be passed on as it is: a whole object that says near its end how many rows there are in
 * all, and these fit one page. `isOnlyPage` when the caller asked for no more than one page anyway.
 */
export const isWholePage = (
  bytes: Buffer,
  { rows, isOnlyPage }: { readonly rows: number; readonly isOnlyPage: boolean },
): boolean => {
  if (!isWholeObject(bytes)) return false;
  const tailStart = Math.max(0, bytes.length - TAIL_BYTES);
  const keyAt = bytes.subarray(tailStart).lastIndexOf(TOTAL_KEY);
  if (keyAt < 0) return false;
  const tail = bytes.toString("latin1", tailStart + keyAt + TOTAL_KEY.length);
  const total = /^\s*:\s*(\d{1,9})\s*[,}]/.exec(tail)?.[1];
  return total !== undefined && (isOnlyPage || Number(total) <= rows);
};
