import { WireFailure } from "./wire-failure.ts";

/** Collects a body into one buffer and stops as soon as it is larger than allowed. */
export interface BodyCollector {
  /** @throws {WireFailure} of kind `too_large` */
  add(chunk: Buffer): void;
  end(): Buffer;
}

const tooLarge = (limitBytes: number): WireFailure => new WireFailure("too_large", `more than ${limitBytes} bytes`);

/**
 * With an announced length the bytes go straight to where they stay: one copy, no list of chunks. That is most of what
 * passing on a hundred bodies costs.
 */
export const createBodyCollector = (announcedBytes: number | undefined, limitBytes: number): BodyCollector => {
  if (announcedBytes !== undefined && announcedBytes > limitBytes) throw tooLarge(limitBytes);
  const whole = announcedBytes === undefined ? undefined : Buffer.allocUnsafeSlow(announcedBytes);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  return {
    add: (chunk) => {
      if (sizeBytes + chunk.length > (whole?.length ?? limitBytes)) throw tooLarge(limitBytes);
      if (whole === undefined) chunks.push(chunk);
      else chunk.copy(whole, sizeBytes);
      sizeBytes += chunk.length;
    },
    end: () => (whole === undefined ? Buffer.concat(chunks, sizeBytes) : whole.subarray(0, sizeBytes)),
  };
};
