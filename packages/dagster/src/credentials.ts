import { type ResolvedInstanceConfig, AirfleetError } from "@airfleet/model";
import {
  basicHeader,
  bearerHeader,
  type Clock,
  createExecCredentials,
  createFixedCredentials,
  type Credentials,
  type InstancePlace,
} from "@airfleet/http";

/** Dagster itself asks nobody who they are; these are for the proxy in front of it. @throws INSTANCE_AUTH_UNSUPPORTED */
export const createCredentials = (
  { id, auth }: Pick<ResolvedInstanceConfig, "id" | "auth">,
  place: InstancePlace,
  clock: Clock,
): Credentials => {
  switch (auth.type) {
    case "none":
      return createFixedCredentials({});
    case "basic":
      return createFixedCredentials(basicHeader(auth.username, auth.password));
    case "bearer":
      return createFixedCredentials(bearerHeader(auth.token));
    case "exec":
      return createExecCredentials(place, auth, clock);
    case "login":
    case "jwt":
    case "mwaa":
      throw new AirfleetError("INSTANCE_AUTH_UNSUPPORTED", {
        instance: id,
        software: "Dagster",
        type: auth.type,
        allowed: "none, basic, bearer, exec",
      });
    default:
      return auth satisfies never;
  }
};
