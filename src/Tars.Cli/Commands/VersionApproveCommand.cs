using System.CommandLine;
using Tars.Base;
using Tars.Evolution.Store;
using Tars.Host.Granting;
using Tars.Host.Versions;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli versions approve</c>: a person takes a version, at a terminal or by a key that is listed.
/// </summary>
/// <remarks>
/// Nothing that evolution starts has either: a planner gets no terminal, no key and no command. The store is only
/// looked at while a person is asked, so that nobody waits for him; what he was shown is compared with what is there
/// before it is approved.
/// </remarks>
internal static class VersionApproveCommand
{
    public static Command Define(Terminal terminal)
    {
        var version = VersionsCommand.Version();
        var key = new Option<string?>("--key")
        {
            Description = "Whose word it is, in place of a terminal.",
            HelpName = "FILE",
        };
        var grants = new Option<string>("--grants")
        {
            Description = "Whose [approvers] lists the key; a person at a terminal has accepted the list.",
            HelpName = "FILE",
            DefaultValueFactory = _ => PolicyFile.FileName,
        };
        var command = new Command("approve", "Take a version, after its differences were shown.");
        var with = VersionsCommand.Common(command, VersionAccess.Read, terminal);
        command.Add(version);
        command.Add(key);
        command.Add(grants);
        command.SetAction(parsed => with(
            parsed,
            [parsed.GetRequiredValue(version)],
            call => parsed.GetValue(key) is { } file ? BySign(call, file, parsed.GetValue(grants)!) : Ask(call)));
        return command;
    }

    // A person sees what differs and says its name.
    private static int Ask(VersionCall call)
    {
        if (!call.Terminal.IsInteractive)
        {
            return call.Fail("an approval needs a person at a terminal, or --key");
        }

        if (call.Meant(call.Versions[0]) is not { } version || Shown(call, version) is not { } changes)
        {
            return ExitStatus.Unusable;
        }

        call.Terminal.Error.Write(changes);
        string? answer = call.Terminal.Ask($"approve {version.Short}? say its first digits, four or more: ");
        if (answer is null || !version.BeginsWith(answer))
        {
            return call.Fail("not approved");
        }

        return ThenWrite(call, version, changes, now =>
        {
            var entry = VersionHistory.Entry(VersionEvent.Approve, version, VersionCall.User(), VersionCall.Now());
            return now.Record(entry with { Shown = VersionId.Of(changes) });
        });
    }

    private static int BySign(VersionCall call, string file, string grants)
    {
        if (Listed(call, grants) is not { } policy || !IsAccepted(call, policy))
        {
            return ExitStatus.Unusable;
        }

        using var key = ApproverKey.Read(call.Terminal.FullPath(file), out string why);
        if (key is null)
        {
            return call.Fail($"{file}: {why}");
        }

        if (policy.Grants.Approvers.FirstOrDefault(one => one.Key == key.Public) is not { } approver)
        {
            return call.Fail($"{file}: [approvers] of {grants} does not list its public key");
        }

        if (call.Meant(call.Versions[0]) is not { } version || Shown(call, version) is not { } changes)
        {
            return ExitStatus.Unusable;
        }

        call.Terminal.Error.Write(changes);
        return ThenWrite(call, version, changes, now =>
        {
            var (entry, notes) = SignedApproval.Of(
                now.History, version, changes, approver.Name, VersionCall.Now(), key);
            return now.Record(entry, notes);
        });
    }

    // Nobody had to wait while a person was asked, so somebody may have written.
    private static int ThenWrite(VersionCall call, VersionId version, string changes, Func<VersionCall, int> approve) =>
        call.ThenWrite(now =>
        {
            if (now.Meant(now.Versions[0]) is not { } meant || Shown(now, meant) is not { } shown)
            {
                return ExitStatus.Unusable;
            }

            return meant == version && VersionId.Of(shown) == VersionId.Of(changes)
                ? approve(now)
                : now.Fail("the store has changed since this was shown, so nothing is approved; look again");
        });

    private static PolicyFile? Listed(VersionCall call, string grants)
    {
        try
        {
            var policy = PolicyFiles.Read(call.Terminal.FullPath(grants), grants);
            if (policy.Reading.Mistakes.IsEmpty)
            {
                return policy;
            }

            var first = policy.Reading.Mistakes[0];
            var at = policy.Reading.Source.PositionOf(first.At.Start);
            call.Terminal.Error.WriteLine(
                $"tarscli {VersionCall.Command}: {Printable.Of(grants)}:{at}: {Printable.Of(first.Title)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse(VersionCall.Command, grants, e, call.Terminal);
        }

        return null;
    }

    // Whoever can write a file can list a key of his own in it, so listing is no word yet: a person's yes to
    // the list is. His yes to what the file grants is another.
    private static bool IsAccepted(VersionCall call, PolicyFile policy)
    {
        var terminal = call.Terminal;
        if (policy.Grants.Approvers.IsEmpty)
        {
            _ = call.Fail($"[approvers] of {policy.Grants.Name} lists nobody");
            return false;
        }

        var files = new PolicyFiles(terminal.StateFolder);
        if (files.AreApproversAccepted(policy))
        {
            return true;
        }

        if (!terminal.IsInteractive)
        {
            _ = call.Fail(
                $"[approvers] of {policy.Grants.Name}: nobody has accepted it as it is; call this once at a terminal");
            return false;
        }

        terminal.Error.WriteLine(Printable.Of($"[approvers] of {policy.Grants.Name} says whose keys approve:"));
        foreach (var one in policy.Grants.Approvers)
        {
            terminal.Error.WriteLine(
                Printable.Of($"  {one.Name} {ApproverKey.Fingerprint(one.Key)} {one.Key}"));
        }

        if (terminal.Ask("accept these keys? [y/n] ") is not ("y" or "yes"))
        {
            _ = call.Fail("not approved");
            return false;
        }

        string? why = files.AcceptApprovers(policy);
        if (why is not null)
        {
            _ = call.Fail($"[approvers] of {policy.Grants.Name} cannot be remembered as accepted: {why}");
        }

        return why is null;
    }

    private static string? Shown(VersionCall call, VersionId version)
    {
        if (!call.History.Approved.IsNone)
        {
            return call.Changes(call.History.Approved, version, isWhole: true);
        }

        // What turns the direction of a text would show a person another text than he approves.
        return call.Text(version) is { } text
            ? $"nothing was approved before; it says:\n{string.Join('\n', text.Split('\n').Select(Printable.Of))}"
            : null;
    }
}
