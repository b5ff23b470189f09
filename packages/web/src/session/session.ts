import { queryOptions } from "@tanstack/react-query";
import { client } from "../client/client.ts";

/** Who the reader is. Asked once, and again whenever a call says that nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => client.getSession({}, { signal }),
  staleTime: 60_000,
});
