import { createHmac, timingSafeEqual } from "node:crypto";

const sign = (secret: string, payload: string): string =>
  createHmac("sha1", secret).update(payload).digest("base64url");

/** A text that the client hands back unread, in the way of itsdangerous: payload, dot, signature. */
export const signToken = (secret: string, value: unknown): string => {
  const payload = Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${payload}.${sign(secret, payload)}`;
};

/** The value of a token of ours; undefined for anything else. */
export const openToken = (secret: string, token: string): unknown => {
  const [payload, signature, ...rest] = token.split(".");
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const expected = Buffer.from(sign(secret, payload));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as unknown;
};
