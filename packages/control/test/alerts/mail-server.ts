import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { onTestFinished } from "vitest";
import type { SmtpSettings } from "../../src/index.ts";

export interface HeardMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly source: string;
  readonly user: string | undefined;
}

/** A real SMTP server on this machine, with all it was handed. */
export interface MailServer {
  readonly mails: HeardMail[];
  readonly settings: SmtpSettings;
  /** Refuses every mail from now on, with this status. */
  refuse: number | undefined;
}

export const startMailServer = async (): Promise<MailServer> => {
  const server = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onAuth({ username, password }, _session, done) {
      if (username === "airfleet" && password === "sesame") done(null, { user: username });
      else done(new Error("wrong password"));
    },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        if (mail.refuse !== undefined) {
          done(Object.assign(new Error("not now"), { responseCode: mail.refuse }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        mail.mails.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source: Buffer.concat(parts).toString("utf8"),
          user: session.user,
        });
        done();
      });
    },
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", () => ready()));
  onTestFinished(() => new Promise((closed) => server.close(() => closed())));
  const { port } = server.server.address() as AddressInfo;
  const settings: SmtpSettings = {
    host: "127.0.0.1",
    port,
    tls: "none",
    username: "airfleet",
    password: "sesame",
    from: "Airfleet <airfleet@example.org>",
  };
  const mail: MailServer = { mails: [], settings, refuse: undefined };
  return mail;
};
