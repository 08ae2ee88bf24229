using System.CommandLine;
using System.Text.RegularExpressions;
using Tars.Base;
using Tars.Cli.Views;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli new NAME</c>: a small module that runs, as a place to begin.</summary>
internal static partial class NewCommand
{
    private const string Template =
        """
        tars: 1
        module: NAME
        version: 0.1.0
        summary: Counts the words of the lines that it is given.

        capabilities:
          devices: { input: lines, out: console }

        functions:
          words_of:
            with: { line: text }
            returns: int
            do: |
              return line.split(" ").filter(word => word != "").len()

        state:
          words: int = 0

        handlers:
          device input as line:
            do: |
              # A line, or none at the end of the input.
              let content = line else {
                tell out.print(line = "{words} words")
                exit()
                return
              }
              words += words_of(content)

        tests:
          - name: blanks do not count as words
            do: |
              assert words_of("  two  words ") == 2

        """;

    private sealed record Options(string Name, bool Json);

    public static Command Define(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the module; the file is NAME.tars." };
        var json = CommonOptions.Json();
        var command = new Command("new", "Begin a module: writes NAME.tars, which checks, tests and runs.")
        {
            name, json,
        };
        command.SetAction(parsed => Run(
            new Options(parsed.GetRequiredValue(name), parsed.GetValue(json)), terminal));
        return command;
    }

    private static int Run(Options options, Terminal terminal)
    {
        if (!ModuleName().IsMatch(options.Name))
        {
            var shown = Printable.Of(options.Name);
            terminal.Error.WriteLine(
                $"tarscli new: '{shown}' is no name: use small letters, digits and _, a letter first");
            return ExitStatus.Unusable;
        }

        var file = $"{options.Name}.tars";
        try
        {
            using var output = new StreamWriter(new FileStream(terminal.FullPath(file), FileMode.CreateNew));
            output.Write(Template.Replace("NAME", options.Name, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = File.Exists(terminal.FullPath(file)) ? "it is there already" : e.Message;
            terminal.Error.WriteLine($"tarscli new: {file}: {reason}");
            return ExitStatus.Unusable;
        }

        terminal.Output.WriteLine(options.Json
            ? JsonText.Indented(json => json.WriteString("file", file))
            : $"""
            {file} is written. Next:
              tarscli test {file}
              echo "two words" | tarscli run {file} --input input=-
            """);
        return ExitStatus.Fine;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,63}$")]
    private static partial Regex ModuleName();
}
