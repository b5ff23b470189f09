import type { AirfleetError, InstanceId, RunKey } from "@airfleet/model";

/** What was posted, before anybody has proved anything. */
interface ReportPosting {
  /** The parsed body. */
  readonly body: unknown;
  readonly ip: string;
}

/** Reports in our own format. */
export interface NativePosting extends ReportPosting {
  /** The body as it came; the signature is over its hash. */
  readonly bytes: Uint8Array;
  /** The signed token; undefined when none was sent. */
  readonly token: string | undefined;
}

/** One report in a format of cwl-airflow's. */
export interface OldPosting extends ReportPosting {
  readonly instance: InstanceId;
  /** The path that it was posted to, without a query. */
  readonly path: string;
}

/** What became of one report of a post. */
export type ReportReceipt =
  | { readonly eventId: string | null; readonly outcome: "accepted" | "duplicate"; readonly run: RunKey }
  | { readonly eventId: string | null; readonly outcome: "rejected"; readonly error: AirfleetError };

/** Takes in what instances report, once their signature has proved that it is they who do. */
export interface SignedReports {
  /**
   * Reports in our own format. One that cannot be used is rejected by itself; the others are durable when this resolves.
   *
   * @throws {AirfleetError} REPORT_UNSIGNED, REPORT_SIGNATURE_INVALID, REPORT_TOKEN_INVALID, REPORT_TOKEN_EXPIRED,
   *   REPORT_TOKEN_NOT_YET_VALID, REPORT_BODY_CHANGED, REPORT_WRONG_INSTANCE, REPORT_KEYS_UNAVAILABLE, REQUEST_INVALID,
   *   REPORT_UNREADABLE, REPORT_TOO_LARGE, REPORTS_BUSY, STORE_BUSY, STORE_UNAVAILABLE
   */
  receive(posting: NativePosting): Promise<readonly ReportReceipt[]>;
  /**
   * One report in a format of cwl-airflow's. One that was rightly signed but cannot be used is kept among the rejected.
   *
   * @throws {AirfleetError} REPORT_UNSIGNED, REPORT_SIGNATURE_INVALID, REPORT_FORMAT_UNKNOWN, REPORT_KEYS_UNAVAILABLE,
   *   REPORT_UNREADABLE, REPORT_TOO_LARGE, REPORTS_BUSY, STORE_BUSY, STORE_UNAVAILABLE
   */
  receiveOld(posting: OldPosting): Promise<void>;
  /** The instance that reports under paths without a name are of; undefined when there is none, or more than one. */
  bareInstance(): InstanceId | undefined;
}
