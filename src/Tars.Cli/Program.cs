// The tarscli program: its arguments go to the command that they name.
using Tars.Cli;

WarmUp.Begin(args);
return CommandLine.Run(args, Terminal.OfProcess());
