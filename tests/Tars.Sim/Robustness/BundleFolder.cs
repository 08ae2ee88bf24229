using System.Runtime.InteropServices;
using Tars.Host.Files;
using Tars.Lang;

namespace Tars.Sim.Robustness;

/// <summary>Compiles every metascript under a folder and writes its bundle beside it.</summary>
internal static class BundleFolder
{
    /// <summary>The status for the caller of the program.</summary>
    public static int Build(string folder)
    {
        int failed = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*.tars", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal))
        {
            var files = ModuleFiles.Of(path, File.ReadAllBytes(path));
            var bundle = Compiler.Compile(files.Source, files, new CompileOptions()).Bundle;
            if (bundle is { } bytes)
            {
                File.WriteAllBytes(path + ".wasm", ImmutableCollectionsMarshal.AsArray(bytes)!);
            }
            else
            {
                Console.Error.WriteLine($"{path}: no bundle");
                failed++;
            }
        }

        return failed == 0 ? 0 : 1;
    }
}
