import type { Action, FleetInstance } from "@airfleet/control";
import { AirfleetError, ERROR_CATALOGUE, type ErrorCode, isAirfleetError } from "@airfleet/model";
import { isTold } from "../../http/problem.ts";
import type { ClientFailure } from "./envelope.ts";

/** What went wrong, from a thrown error or from the record of an action. */
interface Trouble {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Our messages about an answer of Airflow name its status, and end in what Airflow said. */
const AIRFLOW_SAID = / with status (\d{3}): ([\s\S]*)$/;
const WITHIN = / within (\d+) ms/;
const STATUS_IN_BRACKETS = /\(status (\d{3})\)/;

/**
 * Text and status of a failed client. The seed document shows `Connection refused` and 500 for a client that cannot be
 * reached, and hands on Airflow's own status and detail for everything that Airflow refused.
 */
const tell = ({ code, message }: Trouble, timeoutMs: number): { readonly error: string; readonly status: number } => {
  if (code === "INSTANCE_UNREACHABLE") return { error: "Connection refused", status: 500 };
  if (code === "INSTANCE_TIMEOUT") {
    return { error: `timeout of ${WITHIN.exec(message)?.[1] ?? timeoutMs}ms exceeded`, status: 500 };
  }
  if (!isTold(code)) return { error: "Something went wrong inside Airfleet", status: ERROR_CATALOGUE[code].status };
  const [, status, said] = AIRFLOW_SAID.exec(message) ?? [];
  if (status !== undefined && said !== undefined) return { error: said, status: Number(status) };
  const bracketed = STATUS_IN_BRACKETS.exec(message)?.[1];
  return { error: message, status: bracketed === undefined ? ERROR_CATALOGUE[code].status : Number(bracketed) };
};

const toFailure = (client: FleetInstance, trouble: Trouble, timeoutMs: number, action?: string): ClientFailure => {
  const told = tell(trouble, timeoutMs);
  return {
    client,
    success: false,
    ...told,
    code: trouble.code,
    extras: {
      ...(told.error === trouble.message || !isTold(trouble.code) ? {} : { detail: trouble.message }),
      ...(action === undefined ? {} : { action_id: action }),
    },
  };
};

/** A thrown error as the client's part of the answer. What is not coded is a defect of ours and is thrown on. */
export const fromError = (client: FleetInstance, error: unknown, timeoutMs: number): ClientFailure => {
  if (!isAirfleetError(error)) throw error;
  return toFailure(client, error, timeoutMs);
};

/** An action that did not get done as the client's part of the answer. */
export const fromAction = (client: FleetInstance, action: Action, timeoutMs: number): ClientFailure => {
  if (action.state === "pending") {
    const place = { instance: client.id, method: action.verb, path: action.id, timeout_ms: timeoutMs };
    return toFailure(client, new AirfleetError("INSTANCE_TIMEOUT", place), timeoutMs, action.id);
  }
  return toFailure(client, action.error ?? new AirfleetError("INTERNAL", { request_id: "" }), timeoutMs, action.id);
};
