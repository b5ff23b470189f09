/** User name and password of an `Authorization: Basic` header. */
export interface BasicLogin {
  readonly user: string;
  readonly password: string;
}

/** Reads RFC 7617's header; undefined for another scheme and for what is malformed. */
export const readBasicLogin = (header: string | undefined): BasicLogin | undefined => {
  const encoded = /^Basic +([A-Za-z0-9+/_-]{1,4096}={0,2})$/i.exec(header?.trim() ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
};
