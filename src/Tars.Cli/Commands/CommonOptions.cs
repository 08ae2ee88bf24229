using System.CommandLine;
using Tars.Base;

namespace Tars.Cli.Commands;

/// <summary>Options and arguments that several commands have, so that they are called and described alike.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Answer as JSON." };

    public static Option<string?> Grants() => new("--grants")
    {
        Description = "What the modules are granted; without it the tars.toml beside the program says it.",
        HelpName = "FILE",
    };

    public static Argument<string[]> Files()
    {
        var files = new Argument<string[]>("FILE") { Description = "A metascript.", Arity = ArgumentArity.OneOrMore };
        files.Validators.Add(result =>
        {
            // The parser takes an unknown option for one more file.
            foreach (var token in result.Tokens.Where(token => token.Value is ['-', _, ..]))
            {
                result.AddError($"no option {Printable.Of(token.Value)}; a file of that name is ./{token.Value}");
            }
        });
        return files;
    }
}
