import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { StepRefusal } from "../step-trouble.ts";

/** Encodings of files of separated values, in the words of the module. */
export type Encoding = "utf-8" | "utf-16" | "latin-1" | "windows-1252";

/** Bytes read at a time: large enough that decoding, not reading, takes the time. */
const CHUNK = 1 << 20;
/** Where windows-1252 has no sign; the web's decoder would make control characters of them. */
const UNDEFINED_BYTES = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

type Decode = (bytes: Buffer, isLast: boolean) => string;

const bytesToSigns = (signs: readonly string[]): Decode => {
  let seen = 0;
  return (bytes) => {
    const undefinedAt = bytes.findIndex((byte) => signs[byte] === undefined);
    if (undefinedAt >= 0) throw new TypeError(`character maps to <undefined> at byte ${seen + undefinedAt}`);
    seen += bytes.length;
    return Array.from(bytes, (byte) => signs[byte]).join("");
  };
};

const WINDOWS = Array.from({ length: 256 }, (_, byte) =>
  UNDEFINED_BYTES.includes(byte) ? undefined : new TextDecoder("windows-1252").decode(Uint8Array.of(byte)),
) as string[];
const WINDOWS_BYTES = new Map(WINDOWS.map((sign, byte) => [sign, byte]));

const decoderOf = (encoding: Exclude<Encoding, "utf-8">): Decode => {
  switch (encoding) {
    case "latin-1":
      return (bytes) => bytes.toString("latin1");
    case "windows-1252":
      return bytesToSigns(WINDOWS);
    case "utf-16": {
      let decoder: InstanceType<typeof TextDecoder> | undefined;
      return (bytes, isLast) => {
        // Without a mark it is what this machine would write.
        decoder ??= new TextDecoder(bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-16le", { fatal: true });
        return decoder.decode(bytes, { stream: !isLast });
      };
    }
    default:
      return encoding satisfies never;
  }
};

/** Writes a file anew as UTF-8, which is what DuckDB reads. */
export const toUtf8 = async (source: string, target: string, encoding: Exclude<Encoding, "utf-8">): Promise<void> => {
  const decode = decoderOf(encoding);
  const file = await open(target, "w", 0o600);
  try {
    for await (const chunk of createReadStream(source, { highWaterMark: CHUNK })) {
      await file.write(decode(chunk as Buffer, false));
    }
    await file.write(decode(Buffer.alloc(0), true));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new StepRefusal(`"${source.split("/").at(-1)}" is not ${encoding}: ${error.message}.`, { cause: error });
  } finally {
    await file.close();
  }
};

type Encode = (text: string) => Buffer;

const single =
  (encoding: Encoding, byteOf: (sign: string) => number | undefined): Encode =>
  (text) =>
    Buffer.from(
      Array.from(text, (sign) => {
        const byte = byteOf(sign);
        if (byte === undefined) throw new StepRefusal(`${encoding} has no sign for "${sign}". Write UTF-8.`);
        return byte;
      }),
    );

const encoderOf = (encoding: Exclude<Encoding, "utf-8">, isAppending: boolean): Encode => {
  switch (encoding) {
    case "latin-1":
      return single(encoding, (sign) => (sign.length === 1 && sign <= "\u00ff" ? sign.charCodeAt(0) : undefined));
    case "windows-1252":
      return single(encoding, (sign) => WINDOWS_BYTES.get(sign));
    case "utf-16": {
      // The mark stands at the beginning of a file only.
      let mark = isAppending ? "" : "\ufeff";
      return (text) => {
        const bytes = Buffer.from(`${mark}${text}`, "utf16le");
        mark = "";
        return bytes;
      };
    }
    default:
      return encoding satisfies never;
  }
};

/** Copies a file of UTF-8 behind what a file holds, in another encoding. */
export const appendEncoded = async (
  source: string,
  target: FileHandle,
  encoding: Encoding,
  isAppending: boolean,
): Promise<void> => {
  const encode = encoding === "utf-8" ? undefined : encoderOf(encoding, isAppending);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let isEmpty = true;
  for await (const chunk of createReadStream(source, { highWaterMark: CHUNK })) {
    isEmpty = false;
    await target.write(
      encode === undefined ? (chunk as Buffer) : encode(decoder.decode(chunk as Buffer, { stream: true })),
    );
  }
  if (isEmpty && encode !== undefined && encoding === "utf-16" && !isAppending) await target.write(Buffer.alloc(0));
};
