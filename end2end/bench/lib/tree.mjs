// CPU time of a process and of everything that it started, as counted by Linux.

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

const TICKS_A_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** The processes below `root`: those that run, and those that ended and were waited for. */
export class CpuOfTree {
  constructor(root) {
    this.root = root;
  }

  /** Returns their user and system time, in seconds. */
  seconds() {
    const all = new Map();
    for (const name of readdirSync("/proc")) {
      if (/^\d+$/.test(name)) {
        const process = read(Number(name));
        if (process) all.set(Number(name), process);
      }
    }
    const isBelow = (pid) => pid === this.root || (all.has(pid) && isBelow(all.get(pid).parent));
    let ticks = 0;
    for (const [pid, process] of all) {
      if (isBelow(pid)) ticks += process.ticks;
    }
    return ticks / TICKS_A_SECOND;
  }
}

function read(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may contain spaces; the parent is the 4th field, the four times begin at the 14th (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    return { parent: fields[1], ticks: fields[11] + fields[12] + fields[13] + fields[14] };
  } catch {
    // It has ended since the folder was read.
    return undefined;
  }
}
