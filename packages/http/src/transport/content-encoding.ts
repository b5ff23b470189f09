import { promisify } from "node:util";
import { gunzip as gunzipWithCallback } from "node:zlib";
import { WireFailure } from "./wire-failure.ts";

const gunzip = promisify(gunzipWithCallback);

/**
 * The body without its compression. We ask for none (a body that is passed on must be plain), but a gateway in front
 * may compress all the same; what it expands to is bounded like any other answer.
 */
export const decodeBody = async (bytes: Buffer, encoding: string | undefined, limitBytes: number): Promise<Buffer> => {
  if (encoding === undefined || encoding === "" || encoding === "identity") return bytes;
  if (encoding !== "gzip" && encoding !== "x-gzip") {
    throw new WireFailure("malformed", `the answer is compressed as "${encoding}", which we did not ask for`);
  }
  try {
    return await gunzip(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    throw isTooLarge
      ? new WireFailure("too_large", `more than ${limitBytes} bytes once decompressed`)
      : new WireFailure("malformed", "the answer says it is gzip but cannot be decompressed");
  }
};
