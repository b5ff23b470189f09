import { toQueryText } from "../calls/query.ts";
import type { WireRequest } from "./transport.ts";

/** Path and query below the instance's URL, exactly as they go out. */
export const toTargetText = ({ root, path, query }: Pick<WireRequest, "root" | "path" | "query">): string =>
  `${root}${path.text}${toQueryText(query)}`;

/** The body exactly as it goes out; null when there is none. */
export const toBodyText = ({ body }: Pick<WireRequest, "body">): string | null =>
  body === undefined ? null : JSON.stringify(body);
