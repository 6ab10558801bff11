// A mail server for tests: it takes every mail by SMTP, and keeps it. Absent: what real ones check.
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

/** Starts a mail server. Returns its URL, the mails as they came, a function that waits for the code of a new mail, and one that ends it. */
export async function mailServer() {
  const mails = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const answer = (line) => socket.write(`${line}\r\n`);
    answer("220 mail.example");
    let data = null;
    createInterface(socket).on("line", (line) => {
      if (data) {
        if (line !== ".") return data.push(line);
        mails.push(data.join("\n"));
        data = null;
        return answer("250 taken");
      }
      if (/^EHLO/i.test(line)) return answer("250 mail.example");
      if (/^DATA/i.test(line)) {
        data = [];
        return answer("354 go on");
      }
      return answer(/^QUIT/i.test(line) ? "221 bye" : "250 ok");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `smtp://127.0.0.1:${server.address().port}`,
    mails,
    /** The code in the last of `count` mails. */
    code: (count) => {
      if (mails.length !== count) throw new Error(`${mails.length} mails were sent, not ${count}`);
      return /^ {4}(\d{4} \d{4})$/m.exec(mails.at(-1))[1];
    },
    end: () => {
      sockets.forEach((socket) => socket.destroy());
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
