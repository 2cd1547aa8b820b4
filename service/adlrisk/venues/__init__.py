"""What differs between venues: rule cards as data, and the catalogue that reads them."""
