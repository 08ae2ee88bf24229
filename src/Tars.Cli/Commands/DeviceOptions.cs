using System.Collections.Immutable;
using System.CommandLine;
using Tars.Base;
using Tars.Host;

namespace Tars.Cli.Commands;

/// <summary>The options of `run` by which an operator gives devices what they reach: one for each kind.</summary>
/// <remarks>To add a kind: a row in the table.</remarks>
internal sealed class DeviceOptions
{
    private static readonly Row[] _rows =
    [
        new("store", "FOLDER", IsPath: true,
            "Where a device of kind store keeps its values; the folder is made when it is not there."),
        new("block", "FILE", IsPath: true,
            "The file that a device of kind block is, of whole sectors of 512 octets; truncate -s 1M FILE makes one."),
        new("directory", "FOLDER", IsPath: true,
            "The folder that a device of kind directory may use; nothing beside or above it can be reached."),
        new("tcp", "HOST:PORT|listen:PORT", IsPath: false,
            "An address that a device of kind tcp may connect to, or listens on; may stand several times."),
        new("udp", "HOST:PORT|listen:PORT", IsPath: false,
            "An address that a device of kind udp may send to, or listens on; may stand several times."),
    ];

    private readonly ImmutableArray<(Row Row, Option<string[]> Option)> _options =
    [
        .. _rows.Select(row =>
        {
            var option = RunCommand.Pairs($"--{row.Kind}", alias: null, $"NAME={row.Spec}", mayBeEmpty: false);
            option.Description = row.About;
            if (row.IsPath)
            {
                RefuseTwice(option);
            }

            return (row, option);
        }),
    ];

    private readonly Option<string[]> _origins = new("--allow")
    {
        Description = "Let devices of kind fetch and http reach this, of what modules declare: https://example.com.",
        HelpName = "ORIGIN",
    };

    private readonly Option<string[]> _listen = new("--listen")
    {
        Description = "Answer HTTP for what the modules serve, on this port of this machine alone, or on IP:PORT.",
        HelpName = "ADDRESS",
    };

    private readonly Option<string[]> _standIns = BindOption();

    public void AddTo(Command command)
    {
        foreach (var (_, option) in _options)
        {
            command.Options.Add(option);
        }

        command.Options.Add(_standIns);
        command.Options.Add(_origins);
        command.Options.Add(_listen);
    }

    /// <summary>The same options for the host, with what the user gave.</summary>
    public RunOptions With(RunOptions run, ParseResult parsed, Terminal terminal) => run with
    {
        Bindings =
        [
            .. from one in _options
               from pair in RunCommand.SplitAll(parsed.GetValue(one.Option))
               select new DeviceBinding(
                   one.Row.Kind, pair.Key, one.Row.IsPath ? terminal.FullPath(pair.Value) : pair.Value),
        ],
        StandIns = [.. RunCommand.SplitAll(parsed.GetValue(_standIns))],
        Origins = [.. parsed.GetValue(_origins) ?? []],
        Listen = [.. parsed.GetValue(_listen) ?? []],
    };

    /// <summary>`--bind`, for those who show what a run would do.</summary>
    public static Option<string[]> BindOption()
    {
        var option = RunCommand.Pairs("--bind", alias: null, "NAME=MODULE", mayBeEmpty: false);
        option.Description = "Put a module that implements its kind in the place of a device.";
        RefuseTwice(option);
        return option;
    }

    // One that is taken in place of another would leave what is kept there, and nobody would be told.
    private static void RefuseTwice(Option<string[]> option) => option.Validators.Add(result =>
    {
        var names = result.Tokens.Select(token => token.Value.Split('=')[0]);
        foreach (var twice in names.GroupBy(name => name, StringComparer.Ordinal).Where(same => 1 < same.Count()))
        {
            result.AddError($"{option.Name} {Printable.Of(twice.Key)}: given twice");
        }
    });

    /// <param name="Spec">What stands behind the name, for the help.</param>
    /// <param name="IsPath">True when it is a path, meant from where the user stands.</param>
    private sealed record Row(string Kind, string Spec, bool IsPath, string About);
}
