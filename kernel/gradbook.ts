#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { RunOptions } from "./client/run.ts";
import type { ReportOptions } from "./course/report.ts";

/** The command line. Each command loads its own part, so that none waits for the others'. */

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const program = new Command("gradbook")
  .description("A teaching notebook on computational graphs and backpropagation")
  .version(version)
  .showHelpAfterError();

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65535) {
    throw new InvalidArgumentError("A port is a whole number from 0 to 65535 (0 takes a free one).");
  }
  return number;
}

function seconds(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("A time is a number of seconds above 0.");
  return number;
}

function lessonNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 99) {
    throw new InvalidArgumentError("A lesson's number is a whole number from 0 to 99.");
  }
  return number;
}

program
  .command("serve")
  .description("open the lessons in a notebook page")
  .option("--port <number>", "port to listen on, 0 for a free one", port, 8889)
  .option("--no-browser", "do not open a browser")
  .option("--folder <path>", "where your copies of the lessons are kept", "work")
  .action(async (options: { port: number; browser: boolean; folder: string }) => {
    const { serve } = await import("./server/serve.ts");
    await serve(options);
  });

const where = (command: Command): Command =>
  command
    .option("--user", "for this user (the default)")
    .option("--sys-prefix", "into the active Python environment")
    .option("--prefix <path>", "below this prefix, as JupyterHub images want it");

type Where = { user?: boolean; sysPrefix?: boolean; prefix?: string };

where(program.command("install").description("make the kernel known to Jupyter")).action(async (options: Where) => {
  const { install } = await import("./install/install.ts");
  console.log(`The gradbook kernel is installed in ${await install(options)}`);
});

where(program.command("uninstall").description("remove the kernel from Jupyter")).action(async (options: Where) => {
  const { uninstall } = await import("./install/install.ts");
  const folders = await uninstall(options);
  console.log(folders.length === 0 ? "No gradbook kernel was installed there." : `Removed ${folders.join(", ")}`);
});

program
  .command("doctor")
  .description("check that the kernel can run, and say what to do where it cannot")
  .action(async () => {
    const { doctor } = await import("./install/doctor.ts");
    if (!(await doctor())) process.exitCode = 1;
  });

program
  .command("run <notebook>")
  .description("execute a notebook on a Jupyter server and write the executed copy")
  .option("--server <url>", "a Jupyter server; without it one of our own is started for the run")
  .option("--token <token>", "the server's token")
  .option("--kernel <name>", "the kernel that runs it, whatever the notebook names")
  .option("--output <path>", "where the executed copy goes")
  .option("--timeout <seconds>", "how long one cell may take", seconds)
  .action(async (notebook: string, options: RunOptions) => {
    const { run } = await import("./client/run.ts");
    // Some connection may still be closing; nothing is left to be done.
    process.exit(await run(notebook, options));
  });

program
  .command("release <source>")
  .description("make learners' copies of author notebooks: solutions, hidden tests and outputs removed")
  .requiredOption("--output <folder>", "where the copies go")
  .addOption(new Option("--class", "without any solution, with nbgrader's settings beside them (the default)"))
  .addOption(new Option("--self-study", "keep worked solutions behind solution(id)").default(false).conflicts("class"))
  .action(async (source: string, options: { output: string; selfStudy: boolean }) => {
    const { releaseLessons } = await import("./course/release.ts");
    for (const file of await releaseLessons(source, options)) console.log(file);
  });

program
  .command("new")
  .description("start something new")
  .command("lesson <name>")
  .description("write a small lesson that works, to be rewritten into your own")
  .option("--folder <path>", "the folder of lessons", "lessons")
  .option("--number <number>", "its place among them; without it the next free one", lessonNumber)
  .action(async (name: string, options: { folder: string; number?: number }) => {
    const { newLesson } = await import("./course/new-lesson.ts");
    console.log(await newLesson(name, options));
  });

program
  .command("verify <source>")
  .description(
    "check author notebooks: solved they earn full points, released none; planted mistakes are found out; nothing leaks",
  )
  .option("--strict", "what a lesson's shape lacks is a failure, too", false)
  .action(async (source: string, options: { strict: boolean }) => {
    const { verify } = await import("./course/verify.ts");
    // Some connection may still be closing; nothing is left to be done.
    process.exit(await verify(source, options));
  });

program
  .command("lint <source>")
  .description("say of each checkpoint which mistakes it does not show and which it cannot tell apart")
  .action(async (source: string) => {
    const { lintLessons } = await import("./course/lint.ts");
    process.exit(await lintLessons(source));
  });

program
  .command("report <folder>")
  .description("say how a class did at each checkpoint, from the notebooks that it handed in; nothing of them is run")
  .option("--lessons <folder>", "the author's lessons: with them the mistakes are named")
  .addOption(new Option("--json", "as JSON").conflicts("csv"))
  .option("--csv", "as comma-separated values")
  .action(async (folder: string, options: ReportOptions) => {
    const { report } = await import("./course/report.ts");
    await report(folder, options);
    process.exit();
  });

program.parseAsync().catch((error: unknown) => {
  console.error(`gradbook: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
