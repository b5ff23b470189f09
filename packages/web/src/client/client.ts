import { AirfleetApiError, AirfleetConnectionError, type Client, createClient } from "@airfleet/sdk";

/** The API of the server that these pages come from; the browser's session cookie proves who we are. */
export const client: Client = createClient({ baseUrl: window.location.origin });

/** What a reader can do about an error decides how it is shown. */
export type Failing = "signed-out" | "forbidden" | "missing" | "refused" | "offline" | "broken";

/** Sorts what a call threw. */
export const toFailing = (error: unknown): Failing => {
  if (error instanceof AirfleetConnectionError) return "offline";
  if (!(error instanceof AirfleetApiError)) return "broken";
  if (error.status === 401) return "signed-out";
  if (error.status === 403) return "forbidden";
  if (error.status === 404) return "missing";
  return error.status >= 500 ? "broken" : "refused";
};

/** Whether asking again may help without anybody doing something. */
export const mayPass = (error: unknown): boolean => {
  const failing = toFailing(error);
  return failing === "offline" || failing === "broken";
};
