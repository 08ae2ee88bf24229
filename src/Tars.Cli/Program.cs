// The tarscli program: its arguments go to the command that they name.
using Tars.Cli;

return CommandLine.Run(args, Terminal.OfProcess());
