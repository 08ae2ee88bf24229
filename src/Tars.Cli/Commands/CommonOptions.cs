using System.CommandLine;
using Tars.Base;

namespace Tars.Cli.Commands;

/// <summary>Options and arguments that several commands have, so that they are called and described alike.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Answer as JSON." };

    public static Option<string?> Grants() => Place(
        "--grants", "What the modules are granted; without it the tars.toml beside the program says it.", "FILE");

    /// <summary>An option that names a file or folder.</summary>
    public static Option<string?> Place(string name, string about, string help)
    {
        var option = new Option<string?>(name) { Description = about, HelpName = help };
        option.Validators.Add(result =>
        {
            // What a variable without a value leaves would be the folder where the user stands.
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError($"{name} wants a {help}, not ''");
            }
        });
        return option;
    }

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
