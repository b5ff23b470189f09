import type { ROUTES, RouteRequest } from "@airfleet/contract";
import { given } from "./given.ts";

type Body = RouteRequest<typeof ROUTES.stopRun>["body"];

/** How a run is to be stopped, in the words of the intent. */
export const toStopWish = ({ timeout, teardown, delete: isDelete, confirm }: Body) => ({
  teardown,
  delete: isDelete,
  ...given({ waitSeconds: timeout, confirm }),
});
