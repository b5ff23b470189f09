import type { FleetInstance } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";

/** The instance of a route whose path names one. @throws {AirfleetError} INTERNAL when the route's path has none */
export const addressed = (context: { readonly instance: FleetInstance | undefined }): FleetInstance => {
  if (context.instance === undefined) throw new AirfleetError("INTERNAL", { request_id: "" });
  return context.instance;
};
