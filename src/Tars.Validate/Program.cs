// The tars-validate program: finds every mistake in metascripts, and does nothing else.
using Tars.Cli;
using Tars.Validate;

return SystemLimits.Guard(ValidateProgram.Name, () => ValidateProgram.Run(args, Terminal.OfProcess()));
