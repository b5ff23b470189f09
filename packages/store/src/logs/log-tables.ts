/** What is kept of one try's log; its text is in the chunks. */
export interface ArchivedLogTable {
  readonly id: string;
  readonly run_key: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly try_number: number;
  readonly lines: number;
  readonly size_bytes: number;
  readonly stored_bytes: number;
  readonly omitted_lines: number;
  readonly archived_at: number;
}

/** Lines that follow each other, compressed; base64, so that a portable backup holds them. */
export interface ArchivedLogChunkTable {
  readonly log_id: string;
  readonly number: number;
  readonly first_line: number;
  readonly lines: number;
  readonly body: string;
}

/** Ended runs whose logs are still to be read. */
export interface LogArchiveQueueTable {
  readonly run_key: string;
  readonly queued_at: number;
  readonly not_before: number;
  readonly attempts: number;
}
