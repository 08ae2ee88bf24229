using System.Diagnostics;
using Tars.Bundle.Container;
using Tars.Bundle.Wasm;
using Tars.Lang;
using Tars.Sim;
using Tars.Sim.Robustness;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>
/// What every bundle keeps: we read it back, other tools accept it, and it is the same wherever it is made.
/// </summary>
public sealed class BundleFileTests
{
    public static IEnumerable<TheoryDataRow<string>> Programs =>
        Samples.Programs().Select(program => new TheoryDataRow<string>(program.Name));

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_bundle_is_read_back_and_its_module_is_valid(string name)
    {
        byte[] bundle = BundleOf(name);
        Assert.IsType<BundleReading.Read>(BundleReader.Read(bundle));
        Assert.IsType<ValidationResult.Valid>(
            ModuleValidator.Validate(Assert.IsType<DecodeResult.Decoded>(ModuleDecoder.Decode(bundle)).Module));
    }

    [Theory]
    [InlineData("wasm-validate", "--enable-tail-call")]
    [InlineData("wasm-objdump", "-d", "-x")]
    [InlineData("node", "-e", "new WebAssembly.Module(require('fs').readFileSync(process.argv[1]))")]
    public void Other_tools_accept_every_bundle(string tool, params string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("tars-bundles-").FullName;
        try
        {
            foreach (CorpusProgram program in Samples.Programs())
            {
                string path = Path.Combine(folder, "bundle.wasm");
                File.WriteAllBytes(path, BundleOf(program.Name));
                string errors = ForeignTool.ErrorsOf(tool, [.. arguments, path]);
                Assert.True(errors == "", $"{program.Name}: {errors}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Each process draws a seed of its own for the hashes of texts, so an order that hangs on them would show.
    [Fact]
    public void Equal_sources_give_equal_bytes_in_two_folders_and_two_processes()
    {
        string folder = Directory.CreateTempSubdirectory("tars-twice-").FullName;
        try
        {
            string[] copies = [Path.Combine(folder, "one"), Path.Combine(folder, "the", "other one")];
            Process[] running = [.. copies.Select(BuildAll)];
            foreach (Process process in running)
            {
                using (process)
                {
                    string errors = process.StandardError.ReadToEnd();
                    process.WaitForExit();
                    Assert.True(process.ExitCode == 0, errors);
                }
            }

            foreach (CorpusProgram program in Samples.Programs())
            {
                byte[][] bundles =
                    [.. copies.Select(copy => File.ReadAllBytes(Path.Combine(copy, program.Name + ".wasm")))];
                Assert.True(0 < bundles[0].Length && bundles[0].AsSpan().SequenceEqual(bundles[1]), program.Name);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process BuildAll(string folder)
    {
        foreach (CorpusProgram program in Samples.Programs())
        {
            string path = Path.Combine(folder, program.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, program.Text);
            foreach (var (name, octets) in program.Recordings)
            {
                string recording = Path.Combine(Path.GetDirectoryName(path)!, name);
                Directory.CreateDirectory(Path.GetDirectoryName(recording)!);
                File.WriteAllBytes(recording, octets);
            }
        }

        string simulator = Path.Combine(AppContext.BaseDirectory, "Tars.Sim.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [simulator, "build-all", folder])
        {
            RedirectStandardError = true,
        })!;
    }

    private static byte[] BundleOf(string name)
    {
        CorpusProgram program = Samples.Programs().Single(one => one.Name == name);
        var result = Compiler.Compile(program.Source, program, new CompileOptions());
        Assert.False(result.Check.HasErrors, name);
        return [.. result.Bundle!.Value];
    }
}
