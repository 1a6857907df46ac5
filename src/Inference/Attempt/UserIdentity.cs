using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Attempt;

/// <summary>The end user as providers see them: a keyed hash, so that one bad user can be isolated without saying who it is (I-65).</summary>
internal sealed class UserIdentity(IOptions<InferenceOptions> options)
{
    public string Hash(long accountId, string user)
    {
        var text = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{accountId}:{user}"));
        return Convert.ToHexStringLower(HMACSHA256.HashData(options.Value.Secret, text))[..32];
    }
}
