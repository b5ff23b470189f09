import { createTransport } from "nodemailer";
import type { SendResult } from "../deliveries/receiver.ts";

/** Where mail is handed in: `alerts.smtp` of the settings, with its password read. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `starttls` is insisted on, `implicit` from the first byte, `none` for a relay on this machine. */
  readonly tls: "starttls" | "implicit" | "none";
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly from: string;
}

export interface Mail {
  /** The same for each repetition of a try. */
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** Hands mail to an SMTP server. */
export interface Mailer {
  send(mail: Mail): Promise<SendResult>;
  close(): void;
}

/** Each step of the conversation; the whole stays within the time of a delivery. */
const STEP_MS = 8_000;
/** RFC 5321: from here on the server means it. */
const PERMANENT = 500;

const toOptions = ({ host, port, tls, username, password }: SmtpSettings) => ({
  host,
  port,
  secure: tls === "implicit",
  requireTLS: tls === "starttls",
  ignoreTLS: tls === "none",
  connectionTimeout: STEP_MS,
  greetingTimeout: STEP_MS,
  socketTimeout: STEP_MS,
  disableFileAccess: true,
  disableUrlAccess: true,
  ...(username !== undefined && { auth: { user: username, pass: password ?? "" } }),
});

const refusal = (error: unknown): SendResult => {
  const code = error instanceof Error && "responseCode" in error ? Number(error.responseCode) : null;
  const reason = error instanceof Error ? error.message : String(error);
  return { outcome: code !== null && code >= PERMANENT ? "gone" : "failed", status: code, error: reason.slice(0, 500) };
};

export const createMailer = (settings: SmtpSettings): Mailer => {
  const transport = createTransport(toOptions(settings));
  return {
    async send({ id, to, subject, text }) {
      try {
        const sent = await transport.sendMail({
          from: settings.from,
          to: [...to],
          subject,
          text,
          messageId: `<${id}@airfleet>`,
          headers: { "Auto-Submitted": "auto-generated" },
        });
        return { outcome: "delivered", answer: sent.response.slice(0, 500) };
      } catch (error) {
        return refusal(error);
      }
    },
    close: () => transport.close(),
  };
};
