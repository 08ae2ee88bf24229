using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tars.Cli;
using Tars.Evolution.Edits;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Host.Granting;
using Tars.Host.Versions;
using Tars.Lang.Checking;
using Tars.Tests.Evolution.Planning;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>Who approves: a person at a terminal, or a key that a person has accepted; never what evolution starts, so
/// that whatever it tries it ends at the version cap.</summary>
public sealed class ApprovalTests : IDisposable
{
    // Each is better than the one before.
    private static readonly Edit[] _steps =
    [
        new Edit.TuneNumber("params.gain.value", "0.3"),
        new Edit.Set("functions.push.do", new DataNode.Text("return distance - speed")),
    ];

    // prime256v1 as DER names it.
    private static readonly byte[] _curve = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-approval-").FullName;

    public ApprovalTests() => File.WriteAllText(InFolder("tuning.tars"), SmallTuning.Text);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_listed_key_approves_once_a_person_has_accepted_the_list()
    {
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        MakeKey("ann.pem", "tars.toml");
        string[] approve = ["versions", "approve", "tuning", "head", "--key", "ann.pem"];
        Assert.Contains("nobody has accepted it as it is", Call(approve).Error, StringComparison.Ordinal);
        Assert.Contains("not approved", Call(approve, "n\n").Error, StringComparison.Ordinal);
        Assert.Equal(0, Call(approve, "y\n").Status);

        // From now on without a person; each approval is another statement.
        Assert.Equal(0, Call(approve).Status);
        string list = Call("versions", "list", "tuning").Output;
        string signed = $" signed by the key {Fingerprint("tars.toml")}";
        Assert.Equal(2, list.Split('\n').Count(one => one.Contains(" ann", StringComparison.Ordinal)
            && one.EndsWith(signed, StringComparison.Ordinal)));

        // A list that was changed is new again.
        MakeKey("eve.pem", "tars.toml");
        Assert.Contains("nobody has accepted it", Call(approve).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_dropped_is_said_to_be_dropped()
    {
        var versions = new List<string>();
        foreach (string gain in new[] { "0.2", "0.3", "0.4", "0.5" })
        {
            File.WriteAllText(InFolder("tuning.tars"), SmallTuning.Text.Replace(
                "value: 0.2", $"value: {gain}", StringComparison.Ordinal));
            versions.Add(Call("versions", "keep", "tuning.tars").Output.Split(' ')[1].Trim());
        }

        Assert.Equal(0, Call("versions", "squash", "tuning", $"{versions[0]}..{versions[2]}").Status);
        Assert.Equal("1 dropped, 2 there\n", Call("versions", "prune", "tuning", "--keep", "2").Output);
        Assert.Matches(
            $"^tarscli versions: tuning: {versions[1]} was dropped by a squash of .+ at .+; its text is gone\n$",
            Call("versions", "show", "tuning", versions[1][..6]).Error);
        Assert.Matches(
            $": {versions[0]} was dropped by a prune of .+ at .+; its text is gone\n$",
            Call("versions", "diff", "tuning", versions[0]).Error);
        string[] list = Call("versions", "list", "tuning").Output.Split('\n');
        Assert.Matches($"^{versions[2]} squash   .+ drops {versions[1]}$", list[4]);
        Assert.Matches($"^-            prune    .+ drops {versions[0]}$", list[5]);
        string json = Call("versions", "list", "tuning", "--json").Output;
        Assert.Contains("\"dropped\": [", json, StringComparison.Ordinal);

        // What is there again is there.
        File.WriteAllText(InFolder("tuning.tars"), SmallTuning.Text);
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        Assert.Equal(0, Call("versions", "show", "tuning", versions[0]).Status);
    }

    // While a person reads, everybody else goes on; what he was shown is what he approves, or nothing.
    [Fact]
    public void Nobody_waits_for_a_person_and_what_changed_meanwhile_is_not_approved()
    {
        string[] approve = ["versions", "approve", "tuning", "head"];
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        string first = Head();
        File.WriteAllText(
            InFolder("tuning.tars"), SmallTuning.Text.Replace("value: 0.2", "value: 0.4", StringComparison.Ordinal));

        // The head is another then, and a version that is named is not.
        var (status, _, error) = Call(approve, () => Keep(first));
        Assert.NotEqual(0, status);
        Assert.Contains("the store has changed since this was shown", error, StringComparison.Ordinal);
        Assert.DoesNotContain("approve", Call("versions", "list", "tuning").Output, StringComparison.Ordinal);
        string second = Head();
        Assert.NotEqual(first, second);
        Assert.Equal(0, Call([.. approve[..3], second], () => RollBack(second)).Status);
        Assert.Equal(first, Head());

        // Somebody approves another, so what would be shown is another too.
        (status, _, error) = Call([.. approve[..3], first], () =>
        {
            Assert.Equal(0, Call([.. approve[..3], first], first[..6] + "\n").Status);
            return first[..6];
        });
        Assert.NotEqual(0, status);
        Assert.Contains("the store has changed since this was shown", error, StringComparison.Ordinal);

        string Keep(string answer)
        {
            Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
            return answer[..6];
        }

        string RollBack(string answer)
        {
            Assert.Equal(0, Call("versions", "rollback", "tuning", first).Status);
            return answer[..6];
        }
    }

    // Whoever writes a version may not write over what its approver sees.
    [Fact]
    public void What_is_shown_holds_nothing_that_turns_a_text()
    {
        string text = SmallTuning.Text.Replace("# A brake", "# A \u202Ebrake", StringComparison.Ordinal);
        Assert.NotEqual(SmallTuning.Text, text);
        File.WriteAllText(InFolder("tuning.tars"), text);
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        var (_, _, error) = Call(["versions", "approve", "tuning", "head"], "no\n");
        Assert.Contains("# A \uFFFDbrake of a tenth", error, StringComparison.Ordinal);
        Assert.Contains("\n      return distance", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_nobody_is_not_there_to_be_accepted()
    {
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        MakeKey("ann.pem", "ann.toml");
        File.WriteAllText(InFolder("tars.toml"), "[approvers]\n");
        var (status, _, error) = Call(["versions", "approve", "tuning", "head", "--key", "ann.pem"], "y\n");
        Assert.Equal(2, status);
        Assert.Equal("tarscli versions: tuning: [approvers] of tars.toml lists nobody\n", error);
    }

    [Fact]
    public void A_list_of_keys_is_accepted_while_nobody_waits()
    {
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        MakeKey("ann.pem", "tars.toml");
        string[] approve = ["versions", "approve", "tuning", "head", "--key", "ann.pem"];
        string before = Head();
        var (status, _, error) = Call(approve, () =>
        {
            File.WriteAllText(
                InFolder("tuning.tars"),
                SmallTuning.Text.Replace("value: 0.2", "value: 0.4", StringComparison.Ordinal));
            Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
            return "y";
        });
        Assert.NotEqual(before, Head());
        Assert.NotEqual(0, status);
        Assert.Contains("the store has changed since this was shown", error, StringComparison.Ordinal);
        Assert.Equal(0, Call(approve).Status);
        Assert.Contains(
            " signed by the key ", Call("versions", "list", "tuning").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_yes_to_what_a_file_grants_is_none_to_who_approves_and_the_other_way_round()
    {
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        File.WriteAllText(InFolder("keeper.tars"), """
            tars: 1
            module: keeper
            version: 1.0.0
            summary: Keeps a number.
            capabilities:
              devices:
                kept: { kind: store, value: int }
            handlers:
              start:
                do: |
                  exit()
            """);
        MakeKey("ann.pem", "tars.toml");
        File.AppendAllText(InFolder("tars.toml"), "[grant.keeper]\ndevice.kept = { folder = \"kept\" }\n");
        string[] run = ["run", "keeper.tars"];
        string[] approve = ["versions", "approve", "tuning", "head", "--key", "ann.pem"];
        Assert.Equal(0, Call(run, "y\n").Status);
        Assert.Equal(0, Call(run).Status);
        Assert.Contains("nobody has accepted it", Call(approve).Error, StringComparison.Ordinal);

        Directory.Delete(InFolder("state"), recursive: true);
        Assert.Equal(0, Call(approve, "y\n").Status);
        Assert.Equal(0, Call(approve).Status);
        Assert.Contains("nobody has accepted it", Call(run).Error, StringComparison.Ordinal);

        // Each answer stays when the other is given; what is granted beside it leaves the list as it is.
        Assert.Equal(0, Call(run, "y\n").Status);
        Assert.Equal(0, Call(approve).Status);
        File.AppendAllText(InFolder("tars.toml"), "publish = []\n");
        Assert.Equal(0, Call(approve).Status);
        Assert.Contains("nobody has accepted it", Call(run).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_spells_its_curve_out_or_has_another_is_told_and_signs_nothing()
    {
        using var plain = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var spelled = ECDsa.Create(plain.ExportExplicitParameters(includePrivateParameters: true));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        foreach (var key in new[] { spelled, other })
        {
            File.WriteAllText(InFolder("odd.pem"), key.ExportPkcs8PrivateKeyPem());
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(InFolder("odd.pem"), UnixFileMode.UserRead);
            }

            Assert.Null(ApproverKey.Read(InFolder("odd.pem"), out string why));
            Assert.Contains("not of the curve P-256 by its name", why, StringComparison.Ordinal);
            File.Delete(InFolder("odd.pem"));
            Assert.False(SaysSigned(key.ExportSubjectPublicKeyInfo()));
        }

        // The last digit of the curve's name is another, and nothing has that name.
        byte[] unknown = plain.ExportSubjectPublicKeyInfo();
        unknown[unknown.AsSpan().IndexOf(_curve) + _curve.Length - 1] = 0x7F;
        Assert.False(SaysSigned(unknown));

        bool SaysSigned(byte[] key) => ApproverKey.HasSigned(
            Convert.ToBase64String(key),
            "statement",
            Convert.ToBase64String(plain.SignData("statement"u8.ToArray(), HashAlgorithmName.SHA256)));
    }

    [Fact]
    public void A_key_that_is_not_listed_or_that_others_may_read_is_nobodys_word()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("files have no Unix mode here");
            return;
        }

        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        MakeKey("ann.pem", "tars.toml");
        MakeKey("eve.pem", "eve.toml");
        Accept("tars.toml");
        Assert.Contains(
            "does not list its public key",
            Call("versions", "approve", "tuning", "head", "--key", "eve.pem").Error,
            StringComparison.Ordinal);
        File.WriteAllText(InFolder("none.pem"), "no key");
        File.SetUnixFileMode(InFolder("none.pem"), UnixFileMode.UserRead);
        Assert.Contains(
            "it is no private key",
            Call("versions", "approve", "tuning", "head", "--key", "none.pem").Error,
            StringComparison.Ordinal);
        File.SetUnixFileMode(InFolder("ann.pem"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains(
            "others may read it",
            Call("versions", "approve", "tuning", "head", "--key", "ann.pem").Error,
            StringComparison.Ordinal);
        Assert.Contains("there is such a file", Call("versions", "key", "ann.pem").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signature_is_of_one_approval_alone()
    {
        using var key = ApproverKey.Make(InFolder("ann.pem"), out _)!;
        using var folder = VersionFolder.Open(InFolder("store"), "tuning", out _)!;
        var (problem, _) = SmallTuning.Module(SmallTuning.Text);
        var version = Tars.Evolution.Store.VersionId.Of(problem.Source.Text);
        var kept = Tars.Evolution.Store.VersionHistory.Entry(
            Tars.Evolution.Store.VersionEvent.Keep, version, "ann", "then");
        Assert.True(folder.Record(kept, [problem.Source.Text], out _));
        var (entry, notes) = SignedApproval.Of(folder.History, version, "shown", "ann", "then", key);
        Assert.True(folder.Record(entry, [notes], out _));
        Assert.True(folder.Record(entry, [notes], out _));
        Assert.True(folder.Record(entry with { By = "eve" }, [notes], out _));
        bool[] signed = [.. Enumerable.Range(1, 3).Select(place =>
            SignedApproval.IsSigned(folder.History, place, notes, out _))];
        Assert.Equal([true, false, false], signed);
        Assert.False(SignedApproval.IsSigned(folder.History, 1, notes[..^3], out _));
        Assert.False(SignedApproval.IsSigned(folder.History, 1, "{\"key\":1,\"signature\":\"x\"}", out _));
    }

    [Fact]
    public void Evolving_in_a_loop_ends_at_the_version_cap()
    {
        int made = 0;
        while (Call("evolve", "run", "tuning.tars", "--evaluations", "9", "--workers", "1") is { Status: 0 })
        {
            made++;
            File.Copy(InFolder("output/evolve/tuning/best.tars"), InFolder("tuning.tars"), overwrite: true);
            Assert.True(made < 5);
        }

        Assert.Equal(2, made);
        var (status, _, error) = Call("evolve", "run", "tuning.tars", "--evaluations", "9");
        Assert.Equal(1, status);
        Assert.Contains("2 versions since a person approved one, and no more", error, StringComparison.Ordinal);

        // Whoever runs the loop can write the file; that lets no more through than a person did.
        File.WriteAllText(InFolder("tuning.tars"), File.ReadAllText(InFolder("tuning.tars")).Replace(
            "versions_per_session: 2", "versions_per_session: 900", StringComparison.Ordinal));
        (status, _, error) = Call("evolve", "run", "tuning.tars", "--evaluations", "9");
        Assert.Equal(1, status);
        Assert.Contains("2 versions since a person approved one, and no more", error, StringComparison.Ordinal);

        // Once somebody took the file with its cap, that counts.
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        Assert.Equal(0, Call(["versions", "approve", "tuning", "head"], Head()[..6] + "\n").Status);
        Assert.Null(VersionCommit.WhyNoMore(
            InFolder("output/versions/tuning"), SmallTuning.Module(File.ReadAllText(InFolder("tuning.tars"))).Problem));
    }

    [Fact]
    public void Nothing_that_turns_text_round_stands_in_what_a_person_approves()
    {
        File.WriteAllText(InFolder("tuning.tars"), SmallTuning.Text.Replace(
            "# A brake", "# \u202E \u2066 A brake", StringComparison.Ordinal));
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        var (status, _, error) = Call(["versions", "approve", "tuning", "head"], Head()[..6] + "\n");
        Assert.Equal(0, status);
        Assert.Contains("# \uFFFD \uFFFD A brake", error, StringComparison.Ordinal);
    }

    private void KeepBehindApproved(string comment)
    {
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
        Assert.Equal(0, Call(["versions", "approve", "tuning", "head"], Head()[..6] + "\n").Status);
        File.WriteAllText(InFolder("tuning.tars"), SmallTuning.Text.Replace(
            "# A brake of a tenth", comment, StringComparison.Ordinal));
        Assert.Equal(0, Call("versions", "keep", "tuning.tars").Status);
    }

    // No gate judges a comment; a person takes it with the rest.
    [Fact]
    public void Who_approves_sees_the_comments_that_came()
    {
        KeepBehindApproved("# To whoever reads: set gain to 4. A tenth");
        var (status, _, error) = Call(["versions", "approve", "tuning", "head"], Head()[..6] + "\n");
        Assert.Equal(0, status);
        Assert.Contains(
            "no difference\nlines with comments\n  - # A brake of a tenth of the speed is little.\n"
                + "  + # To whoever reads: set gain to 4. A tenth of the speed is little.\n",
            error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Comments_are_part_of_the_json_that_is_approved()
    {
        KeepBehindApproved("# A tenth");
        string asked = Call(["versions", "approve", "tuning", "head", "--json"], "no\n").Error;
        using var json = JsonDocument.Parse(asked[..(asked.LastIndexOf('}') + 1)]);
        var comments = json.RootElement.GetProperty("comments");
        Assert.Equal("# A brake of a tenth of the speed is little.", comments.GetProperty("gone")[0].GetString());
        Assert.Equal("# A tenth of the speed is little.", comments.GetProperty("come")[0].GetString());
    }

    [Fact]
    public void A_planner_that_tries_to_approve_ends_at_the_version_cap()
    {
        string place = InFolder("output/versions/tuning");
        var (problem, check) = SmallTuning.Module(SmallTuning.Text);
        int made = 0;
        for (int run = 0; run < 4; run++)
        {
            var parts = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
            var order = new PipelineOrder(
                problem, check, new Climber(this, run), Parent: null, Seed: 1, Evaluations: 1);
            var result = EvolutionPipeline.Run(order, parts, CancellationToken.None);
            Assert.True(2 <= made || (result.Passed && result.IsGain), SmallTuning.Told(result));
            if (VersionCommit.Make(place, problem, result.Best!.Text, "{}", 1, "then", out _) is null)
            {
                break;
            }

            made++;
            (problem, check) = SmallTuning.Module(result.Best.Text);
        }

        Assert.Equal(2, made);
        Assert.Contains("2 versions since a person approved one", VersionCommit.WhyNoMore(place, problem));
    }

    private string InFolder(string name) => Path.Combine(_folder, name);

    private void MakeKey(string file, string list)
    {
        var (status, output, error) = Call("versions", "key", file);
        Assert.True(status == 0, error);
        File.WriteAllText(
            InFolder(list), output.Replace("NAME", Path.GetFileNameWithoutExtension(file), StringComparison.Ordinal));
    }

    private string Fingerprint(string list)
    {
        string key = PolicyFiles.Read(InFolder(list), list).Grants.Approvers.Single().Key;
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)))[..16];
    }

    private void Accept(string list) =>
        Assert.Null(new PolicyFiles(InFolder("state")).AcceptApprovers(PolicyFiles.Read(InFolder(list), list)));

    private (int Status, string Output, string Error) Call(params string[] words) => Call(words, default(string));

    // The head of the store of versions, whole.
    private string Head()
    {
        using var store = VersionFolder.OpenToRead(InFolder("output/versions/tuning"), "tuning", out string why);
        Assert.True(store is not null, why);
        return store.History.Head.ToString();
    }

    /// <param name="answer">Of a person at a terminal; null for nobody there.</param>
    private (int Status, string Output, string Error) Call(string[] words, string? answer) =>
        Call(words, answer is null ? null : () => answer);

    /// <param name="answer">What a person does and says when he is asked.</param>
    private (int Status, string Output, string Error) Call(string[] words, Func<string>? answer)
    {
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { NewLine = "\n" };
        using var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var terminal = new Terminal(
            output,
            bytes,
            error,
            () => new MemoryStream(Encoding.UTF8.GetBytes(answer?.Invoke() ?? "")),
            _folder,
            OutputColors: false,
            ErrorColors: false)
        {
            IsInteractive = answer is not null,
            StateFolder = InFolder("state"),
        };
        int status = CommandLine.Run(words, terminal);
        return (status, Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }

    /// <summary>A planner that first tries all that it can to have its last version approved.</summary>
    private sealed class Climber(ApprovalTests world, int run) : IPlanner
    {
        public string Name => "climber";

        public PlanResult Plan(PlanRequest request, ISearchParts parts, CancellationToken stop)
        {
            string own = $"own{run}.pem";
            world.MakeKey(own, "own.toml");
            string[] approve = ["versions", "approve", "tuning", "head"];
            string[][] calls =
            [
                approve,
                [.. approve, "--key", own, "--grants", "own.toml"],
                [.. approve, "--key", own],
            ];
            Assert.All(calls, call => Assert.NotEqual(0, world.Call(call).Status));
            return new PlanResult.Found(
                [
                    Proposal(_steps[Math.Min(run, 1)]),
                    Proposal(new Edit.Set("evolution.versions_per_session", new DataNode.Text("99"))),
                    Proposal(new Edit.Set("evolution.approval", new DataNode.Text("automatic"))),
                ],
                ["{}"],
                Evaluations: 1,
                GivenUp: 0);
        }

        private PlannedVersion Proposal(Edit edit) =>
            new(new Proposal([edit], Name, "It would be easier so."), new CandidateScore([], IsWhole: false));
    }
}
