using System.Security.Cryptography;
using System.Text;

namespace Tars.Host.Versions;

/// <summary>The private key of somebody who approves versions without a terminal: ECDSA over P-256 with SHA-256.
/// </summary>
/// <remarks>Its file is for its owner alone; what others may read is refused ([decision 139]).</remarks>
public sealed class ApproverKey : IDisposable
{
    private const int FileBytesMax = 16 * 1024;
    private const int FingerprintDigits = 16;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ECDsa _key;

    private ApproverKey(ECDsa key) => _key = key;

    /// <summary>As `tars.toml` lists it: the public key's SubjectPublicKeyInfo in base 64.</summary>
    public string Public => Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo());

    /// <summary>The digits by which a person knows a public key: the first of SHA-256 of it as listed.</summary>
    public static string Fingerprint(string publicKey) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(publicKey)))[..FingerprintDigits];

    /// <summary>Makes a key and writes it to a new file.</summary>
    /// <returns>Null, with why; a file that is there is not touched.</returns>
    public static ApproverKey? Make(string path, out string why)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnersFile;
            }

            using var file = new FileStream(path, options);
            file.Write(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
            file.Flush(flushToDisk: true);
            why = "";
            return new ApproverKey(key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            why = File.Exists(path) ? "there is such a file" : "the file cannot be made";
            return null;
        }
    }

    /// <returns>Null, with why.</returns>
    public static ApproverKey? Read(string path, out string why)
    {
        try
        {
            if (!File.Exists(path) || FileBytesMax < new FileInfo(path).Length)
            {
                why = "there is no such file, or it is no key";
                return null;
            }

            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnersFile) != 0)
            {
                why = "others may read it, so it is nobody's word; chmod 600";
                return null;
            }

            return Of(File.ReadAllText(path), out why);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = "it cannot be read";
            return null;
        }
    }

    /// <summary>A signature in base 64.</summary>
    public string Sign(string statement) =>
        Convert.ToBase64String(_key.SignData(Encoding.UTF8.GetBytes(statement), HashAlgorithmName.SHA256));

    /// <summary>Whether somebody with a key signed a statement. Whatever is no key or no signature did not.</summary>
    public static bool HasSigned(string publicKey, string statement, string signature)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
            return IsP256(key) && key.VerifyData(
                Encoding.UTF8.GetBytes(statement), Convert.FromBase64String(signature), HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    public void Dispose() => _key.Dispose();

    private static ApproverKey? Of(string pem, out string why)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (IsP256(key))
            {
                _ = key.ExportParameters(includePrivateParameters: true); // A public key alone cannot sign.
                why = "";
                return new ApproverKey(key);
            }

            why = "its key is not of the curve P-256 by its name; tarscli versions key makes one";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            why = "it is no private key; tarscli versions key makes one";
        }

        key.Dispose();
        return null;
    }

    // A key may spell its curve out instead, and then there is no name.
    private static bool IsP256(ECDsa key) =>
        key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true } curve
        && curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value;
}
