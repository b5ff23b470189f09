import { queryOptions, useQuery } from "@tanstack/react-query";
import { client } from "../client/client.ts";

/** Who the reader is. Asked once, and again whenever a call says that nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => client.getSession({}, { signal }),
  staleTime: 60_000,
});

type Session = Awaited<ReturnType<typeof client.getSession>>;
export type Permission = Session["permissions"][number];

/** Whether the reader may do this; false until it is known. Nobody gets a button for what they may not do. */
export const useMay = (permission: Permission): boolean =>
  useQuery(sessionQuery).data?.permissions.includes(permission) ?? false;
