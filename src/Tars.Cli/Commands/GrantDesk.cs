using Tars.Base;
using Tars.Host;
using Tars.Host.Granting;
using Tars.Packages.Grants;

namespace Tars.Cli.Commands;

/// <summary>Settles before a run what its modules are granted: by a file, or by asking whoever sits there.</summary>
/// <remarks>What is answered is written into the tars.toml beside the program, in the lines that an operator would
/// write; so there is one place to read and to change it.</remarks>
internal sealed class GrantDesk
{
    private readonly RunCommand.Options _options;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _bundles;
    private readonly Terminal _terminal;
    private readonly PolicyFiles _files;

    private GrantDesk(
        RunCommand.Options options, IReadOnlyList<ReadOnlyMemory<byte>> bundles, Terminal terminal)
    {
        _options = options;
        _bundles = bundles;
        _terminal = terminal;
        _files = new PolicyFiles(terminal.StateFolder);
    }

    /// <summary>The options of the run with what is granted; null when it may not begin, and the user was told
    /// why.</summary>
    public static RunOptions? Settle(
        RunCommand.Options options, IReadOnlyList<ReadOnlyMemory<byte>> bundles, Terminal terminal) =>
        new GrantDesk(options, bundles, terminal).Settle();

    /// <summary>The file of grants that counts for some programs, as the user would name it: what he named, or the
    /// one beside the first; null when there is none.</summary>
    public static string? Find(string? named, string program, Terminal terminal)
    {
        if (named is not null)
        {
            return named;
        }

        string beside = Path.Combine(Path.GetDirectoryName(program) ?? "", PolicyFile.FileName).Replace('\\', '/');
        return File.Exists(terminal.FullPath(beside)) ? beside : null;
    }

    /// <summary>What the file beside a program says, for who only wants to know the floor of its isolation.</summary>
    /// <returns>False after the user was told what is wrong with it.</returns>
    public static bool TryBeside(string command, string program, Terminal terminal, out PolicyFile? grants)
    {
        grants = null;
        return Find(named: null, program, terminal) is not { } name
            || (grants = Read(command, name, terminal)) is not null;
    }

    /// <summary>Reads a file of grants; null after the user was told what is wrong with it.</summary>
    public static PolicyFile? Read(string command, string name, Terminal terminal)
    {
        try
        {
            var policy = PolicyFiles.Read(terminal.FullPath(name), name);
            foreach (var mistake in policy.Reading.Mistakes)
            {
                terminal.Error.WriteLine(
                    $"tarscli {command}: {Printable.Of(mistake.In(policy.Reading.Source))}");
            }

            return policy.Reading.Mistakes.IsEmpty ? policy : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse(command, name, e, terminal);
            return null;
        }
    }

    private RunOptions? Settle()
    {
        string program = _options.Files[0];
        PolicyFile? policy = null;
        if (Find(_options.Grants, program, _terminal) is { } name)
        {
            policy = Read("run", name, _terminal);
            if (policy is null || !IsAccepted(policy))
            {
                return null;
            }
        }

        var run = _options.Run with { Grants = policy };
        var grants = SystemGrants.Of(_bundles, run);
        foreach (string line in grants.Beside)
        {
            _terminal.Error.WriteLine($"tarscli run: {Printable.Of(line)}");
        }

        var refusals = grants.Refusals();
        if (refusals.Count == 0)
        {
            return run;
        }

        bool mayAsk = !grants.Open.IsEmpty && _terminal.IsInteractive && !_options.Json && _options.Grants is null;
        return mayAsk && Ask(policy, grants) ? Settle() : Refuse(refusals);
    }

    // What the user named is his word; what lies beside a program may have come with it.
    private bool IsAccepted(PolicyFile policy)
    {
        if (_options.Grants is not null || !policy.Reaches || _files.IsAccepted(policy))
        {
            return true;
        }

        if (!_terminal.IsInteractive || _options.Json)
        {
            _ = Refuse(
            [
                $"{policy.Grants.Name} grants what reaches outside, and nobody has accepted it as it is: it may have "
                    + "come with the program",
                $"read it, then name it: --grants {policy.Grants.Name}; or run once at a terminal, which asks",
            ]);
            return false;
        }

        _terminal.Error.WriteLine($"{policy.Grants.Name} is new here, or it or a link was changed. It grants:");
        foreach (string line in GivenBy(policy))
        {
            _terminal.Error.WriteLine($"  {Printable.Of(line)}");
        }

        if (!IsYes("accept it? [y/n] "))
        {
            _ = Refuse([$"{policy.Grants.Name} is not accepted"]);
            return false;
        }

        Accept(policy);
        return true;
    }

    private static IEnumerable<string> GivenBy(PolicyFile policy) =>
        from module in policy.Grants.Modules
        from device in module.Devices
        where device.Key.Length > 0
        let given = device.Given.Select(one => policy.LinkedTo(one) is { } real ? $"{one}, which is {real}" : one)
        select $"{module.Module}: device {device.Name}: {device.Key} {string.Join(", ", given)}";

    private bool Ask(PolicyFile? policy, SystemGrants grants)
    {
        string name = Path.Combine(Path.GetDirectoryName(_options.Files[0]) ?? "", PolicyFile.FileName)
            .Replace('\\', '/');
        bool isMore = grants.Open.Any(one => policy?.Grants.Find(one.Module) is not null);
        _terminal.Error.WriteLine(isMore
            ? $"this version asks for more than {name} answers:"
            : $"asked for, and not granted yet; what you answer is kept in {name}:");
        foreach (var demand in grants.Open)
        {
            _terminal.Error.WriteLine(Printable.Of($"  + {demand.Module}: {demand}: {About(demand)}"));
        }

        var answers = new List<(Demand Demand, string Line)>();
        foreach (var demand in grants.Open)
        {
            if (Answer(demand) is not { } line)
            {
                return false;
            }

            answers.Add((demand, line));
        }

        string path = _terminal.FullPath(name);
        if (PolicyFiles.Add(path, policy, answers, out string hash) is { } why)
        {
            _terminal.Error.WriteLine($"tarscli run: {name}: {why}");
            return false;
        }

        if (Read("run", name, _terminal) is not { } written)
        {
            return false;
        }

        // Who named a folder has not seen where a link leads, nor what others have written since; whoever settles next
        // shows it.
        if (!written.HasLinks && written.Hash == hash)
        {
            Accept(written);
        }

        return true;
    }

    private void Accept(PolicyFile policy)
    {
        if (_files.Accept(policy) is { } why)
        {
            _terminal.Error.WriteLine($"tarscli run: {policy.Grants.Name} will be asked about again: {why}");
        }
    }

    private static string About(Demand demand)
    {
        string about = GrantKinds.Find(demand.Detail)?.About ?? "";
        return demand.Wanted.IsEmpty ? about : $"{about}: {string.Join(", ", demand.Wanted)}";
    }

    // The line of the file; null when there is no answer.
    private string? Answer(Demand demand)
    {
        var proposal = GrantLines.Proposal(demand);
        bool isNamed = GrantKinds.Find(demand.Detail)?.Form != GrantForm.Addresses; // No address goes without saying.
        string question = demand.Wanted.IsEmpty
            ? $"{demand.Module}: {demand.Name}: which? [{(isNamed ? $"{proposal[0]}; " : "")}n for none] "
            : $"{demand.Module}: {demand.Name}: grant it? [y/n] ";
        string? answer = _terminal.Ask(Printable.Of(question));
        return (answer, demand.Wanted.IsEmpty) switch
        {
            (null, _) => null,
            ("n" or "no", _) => GrantLines.Of(demand, given: null),
            ("", true) when !isNamed => null,
            ("", true) => GrantLines.Of(demand, proposal),
            (_, true) => GrantLines.Of(demand, [answer]),
            ("y" or "yes", false) => GrantLines.Of(demand, proposal),
            _ => null,
        };
    }

    private bool IsYes(string question) => _terminal.Ask(question) is "y" or "yes";

    private RunOptions? Refuse(IReadOnlyList<string> reasons)
    {
        _ = RunCommand.Refuse(reasons, ExitStatus.Unusable, _options.Json, _terminal);
        return null;
    }
}
