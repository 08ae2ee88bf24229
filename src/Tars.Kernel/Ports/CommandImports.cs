using System.Collections.Immutable;
using Tars.Bundle.Wasm;

namespace Tars.Kernel.Ports;

/// <summary>Joins what a command imports with what its host gives: the same for every engine.</summary>
public static class CommandImports
{
    /// <param name="numbers">For each imported function the host's number of it.</param>
    /// <returns>Null, or why not, naming the import.</returns>
    public static string? Bind(ValidatedModule module, IHostFunctions host, out ImmutableArray<int> numbers)
    {
        var found = ImmutableArray.CreateBuilder<int>();
        numbers = [];
        foreach (var import in module.Module.Imports)
        {
            if (import.Type is not ImportType.OfFunc func)
            {
                return $"it imports '{import.Module}.{import.Name}', and a command is given functions only";
            }

            var type = module.Module.Types[func.Type.Value];
            if (host.Find(import.Module, import.Name, type) is not { } number)
            {
                return $"it imports '{import.Module}.{import.Name}' {type}, which nobody gives";
            }

            found.Add(number);
        }

        numbers = found.DrainToImmutable();
        return null;
    }
}
