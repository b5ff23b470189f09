import { AirfleetError } from "@airfleet/model";

const LONGEST = 255;

/**
 * Reads `Idempotency-Key`, bare or as the quoted string of the IETF draft.
 *
 * @throws {AirfleetError} REQUEST_INVALID when it is empty, too long or not printable ASCII
 */
export const readIdempotencyKey = (header: string | undefined): string | undefined => {
  if (header === undefined) return undefined;
  const key = /^"(.*)"$/.exec(header.trim())?.[1] ?? header.trim();
  if (key.length > 0 && key.length <= LONGEST && /^[\u0020-\u007e]+$/.test(key)) return key;
  throw new AirfleetError("REQUEST_INVALID", {
    summary: `header Idempotency-Key: 1 to ${LONGEST} printable ASCII characters are needed`,
  });
};
