using System.CommandLine;

namespace Tars.Cli.Commands;

/// <summary>Options and arguments that several commands have, so that they are called and described alike.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Answer as JSON." };

    public static Argument<string[]> Files() => new("FILE")
    {
        Description = "A metascript.",
        Arity = ArgumentArity.OneOrMore,
    };
}
