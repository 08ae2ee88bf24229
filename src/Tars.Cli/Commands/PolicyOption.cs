using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Cli.Commands;

/// <summary>What <c>--policy</c> says: the name of a built-in policy, or a file with a module.</summary>
/// <param name="Kind">The policy; beside a module, the one that takes over from it.</param>
/// <param name="Module">The bundle of a module that decides; null for none.</param>
internal readonly record struct PolicyOption(PolicyKind Kind, ReadOnlyMemory<byte>? Module)
{
    /// <summary>The built-in policies, for a person.</summary>
    public static string Names { get; } = string.Join(", ", PolicyNames.All);

    /// <summary>Reads it and compiles what is to be compiled. The user has been told why when that fails.</summary>
    /// <param name="text">Null where nothing is said.</param>
    public static bool TryRead(string command, string? text, Terminal terminal, out PolicyOption policy)
    {
        policy = default;
        if (text is null)
        {
            return true;
        }

        if (PolicyNames.Find(text) is { } kind)
        {
            policy = new PolicyOption(kind, Module: null);
            return true;
        }

        if (!File.Exists(terminal.FullPath(text)))
        {
            terminal.Error.WriteLine(
                $"tarscli {command}: --policy {Printable.Of(text)}: there is {Names}, and no such file");
            return false;
        }

        switch (SystemFiles.Load(command, [text], terminal))
        {
            case SystemFiles.Ready { Bundles: [var bundle] }:
                policy = new PolicyOption(PolicyKind.RoundRobin, bundle);
                return true;
            case SystemFiles.Faulty faulty:
                Compilation.ShowFaults(faulty.Diagnostics, asJson: false, terminal);
                return false;
            case SystemFiles.NotInForce waiting:
                foreach (string reason in waiting.Reasons)
                {
                    terminal.Error.WriteLine($"tarscli {command}: --policy {Printable.Of(reason)}");
                }

                return false;
            default:
                return false; // The user was told.
        }
    }
}
