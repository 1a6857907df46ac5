using System.ComponentModel.DataAnnotations;

namespace Fairlead.Console;

/// <summary>What the host tells the console at start.</summary>
public sealed class ConsoleOptions
{
    /// <summary>Name of the installation, in feed titles. The default value is <c>Fairlead</c>. Value must not be empty.</summary>
    [Required]
    public string ProductName { get; set; } = "Fairlead";

    /// <summary>
    /// Address of the web pages, without trailing slash, for links that leave the API (feeds). The default value is null: the address the request came to.
    /// </summary>
    public string? WebOrigin { get; set; }
}
