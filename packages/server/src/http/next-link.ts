/** RFC 8288 `Link` to the next page: the same address with another cursor. */
export const nextLink = (url: string, cursor: string): string => {
  const [path = "", query = ""] = url.split("?", 2);
  const parameters = new URLSearchParams(query);
  parameters.set("cursor", cursor);
  return `<${path}?${parameters.toString()}>; rel="next"`;
};
